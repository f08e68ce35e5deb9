// clone(2): combinations that Linux refuses, and sharing chosen piece by piece.
#include "t.h"
static int body(void *arg) {
  chdir("/");
  *(int *)arg = 7;
  close(0);
  return 3;
}
int main(void) {
  E("THREAD without SIGHAND", SC(clone, CLONE_THREAD, 0, 0, 0, 0));
  E("SIGHAND without VM", SC(clone, CLONE_SIGHAND, 0, 0, 0, 0));
  E("FS with NEWNS", SC(clone, CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0));
  int value = 1;
  char b[64];
  static char stack[8192] __attribute__((aligned(16)));
  long pid = must(clone_fn(CLONE_FILES | SIGCHLD, stack + 8192, 0, 0, 0, body, &value));
  reap("files only", pid);
  getcwd(b, 64);
  printf("value %d stdin %s cwd moved %d\n", value, err(fcntl(0, F_GETFD)), strcmp(b, "/") == 0);
  pid = must(clone_fn(CLONE_VM | SIGCHLD, stack + 8192, 0, 0, 0, body, &value));
  reap("vm only", pid);
  getcwd(b, 64);
  printf("value %d cwd moved %d\n", value, strcmp(b, "/") == 0);
  pid = must(clone_fn(CLONE_FS | SIGCHLD, stack + 8192, 0, 0, 0, body, &value));
  reap("fs only", pid);
  getcwd(b, 64);
  printf("cwd moved %d\n", strcmp(b, "/") == 0);
  sigact(SIGUSR1, SIG_IGN, 0, 0);
  pid = must(clone_fn(SIGUSR1, stack + 8192, 0, 0, 0, body, &value));
  E("other exit signal, plain wait", waitpid(pid, 0, 0));
  int st;
  printf("with __WALL %d\n", waitpid(pid, &st, __WALL) == pid);
}
