// sigaction(2): with SIGCHLD ignored or SA_NOCLDWAIT children leave no zombies; wait blocks until all ended, then ECHILD.
#include "t.h"
static int slow(void *c) {
  msleep(20);
  return 1;
}
static void h(int s) {}
int main(void) {
  sigact(SIGCHLD, SIG_IGN, 0, 0);
  spawn(slow, 0);
  spawn(slow, 0);
  E("ignored", waitpid(-1, 0, 0));
  sigact(SIGCHLD, SIG_DFL, SA_NOCLDWAIT, 0);
  spawn(slow, 0);
  E("nocldwait", waitpid(-1, 0, 0));
  sigact(SIGCHLD, h, SA_NOCLDWAIT | SA_RESTART, 0);
  spawn(slow, 0);
  E("nocldwait with handler", waitpid(-1, 0, 0));
  sigact(SIGCHLD, SIG_DFL, 0, 0);
  long pid = spawn(slow, 0);
  reap("default", pid);
}
