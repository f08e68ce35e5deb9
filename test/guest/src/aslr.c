// personality(2), proc_sys_kernel(5): address spaces differ from exec to exec, unless ADDR_NO_RANDOMIZE; fork keeps them.
// build: pie
#include "mm.h"
static void facts(u64 *v) {
  int local;
  v[0] = (u64)&peek_ & -PAGE;
  v[1] = (u64)mmap(0, PAGE, RW, ANON, -1, 0);
  v[2] = brk(0);
  v[3] = (u64)&local;
}
static void ask(u64 *v, char **argv) {
  int p[2];
  pipe(p);
  long pid = fork();
  if (pid == 0) {
    dup3(p[1], 9, 0);
    char *args[] = { argv[0], "child", NULL }, *env[] = { NULL };
    execve("/proc/self/exe", args, env);
    exit(9);
  }
  read(p[0], v, 32);
  waitpid(pid, 0, 0);
  close(p[0]);
  close(p[1]);
}
int main(int argc, char **argv) {
  u64 a[4], b[4], c[4];
  if (argc > 1) { facts(a); write(9, a, 32); return 0; }
  const char *names[4] = { "program", "mmap", "heap", "stack" };
  int differ[4] = { 0 };
  ask(a, argv);
  for (int i = 0; i < 6; i++) {
    ask(b, argv);
    for (int k = 0; k < 4; k++) differ[k] |= a[k] != b[k];
  }
  for (int k = 0; k < 4; k++) printf("%s differs %d\n", names[k], differ[k]);
  V("personality", SC(personality, 0x40000));
  ask(a, argv);
  ask(b, argv);
  for (int k = 0; k < 4; k++) printf("%s is the same %d\n", names[k], a[k] == b[k]);
  printf("now %lx\n", SC(personality, 0xffffffff));
  cat("setting", "/proc/sys/kernel/randomize_va_space");
}
