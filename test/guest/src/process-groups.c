// setpgid(2): creating and joining groups, and each of its errors.
#include "t.h"
static int idle(void *g) {
  gate_wait(g);
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    gate_open((struct gate[]){ { 0, atol(argv[1]) } });
    msleep(10000);
    return 0;
  }
  struct gate g = gate(), up = gate();
  V("mine is my own", getpgid(0) == getpid());
  long a = spawn(idle, &g), b = spawn(idle, &g);
  printf("inherits %d\n", getpgid(a) == getpgid(0));
  E("new group", setpgid(a, a));
  printf("leads %d\n", getpgid(a) == a);
  E("join", setpgid(b, a));
  printf("joined %d\n", getpgid(b) == a);
  E("back", setpgid(b, getpgid(0)));
  E("negative", setpgid(a, -1));
  E("no such group", setpgid(a, 99999));
  E("not a child", setpgid(1, 1));
  E("no such process", setpgid(99999, 0));
  gate_open(&g);
  gate_open(&g);
  reap("a", a);
  reap("b", b);
  long c = fork();
  if (c == 0) {
    char n[8];
    snprintf(n, 8, "%d", up.w);
    char *args[] = { "p", n, NULL };
    execve("/proc/self/exe", args, NULL);
  }
  gate_wait(&up);
  E("after exec", setpgid(c, c));
  kill(c, SIGKILL);
  reap("c", c);
  E("getpgid of none", getpgid(99999));
}
