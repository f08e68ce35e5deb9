// wait4(2): which child is waited for by pid > 0, 0, -1 and < -1; ECHILD where there is none; EINVAL for unknown options.
#include "t.h"
static int code(void *c) { return (long)c; }
static int own_group(void *c) {
  setpgid(0, 0);
  return (long)c;
}
int main(void) {
  int st;
  E("no child", waitpid(-1, &st, 0));
  long a = spawn(code, (void *)1), b = spawn(own_group, (void *)2), c = spawn(code, (void *)3);
  setpgid(b, b);
  printf("group of b: %d\n", waitpid(-b, &st, 0) == b);
  pstat("b", st);
  E("b again", waitpid(b, &st, 0));
  printf("c: %d\n", waitpid(c, &st, 0) == c);
  pstat("c", st);
  printf("my group: %d\n", waitpid(0, &st, 0) == a);
  pstat("a", st);
  E("none left", waitpid(0, &st, WNOHANG));
  E("not mine", waitpid(getppid(), &st, 0));
  E("options", waitpid(-1, &st, 0x1000));
  a = spawn(code, (void *)4);
  E("bad pointer", waitpid(a, (int *)8, 0));
  E("after that", waitpid(a, &st, 0));
}
