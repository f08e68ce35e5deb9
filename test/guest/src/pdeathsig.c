// prctl(2) PR_SET_PDEATHSIG: a signal when the parent ends; cleared in the child of a fork.
#include "t.h"
#include <linux/prctl.h>
int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int sig = -1;
  struct gate up = gate();
  long mid = fork();
  if (mid == 0) {
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGUSR2);
      prctl(PR_GET_PDEATHSIG, &sig);
      printf("set %s\n", signame(sig));
      if (fork() == 0) {
        prctl(PR_GET_PDEATHSIG, &sig);
        printf("child of that has %d\n", sig);
        exit(0);
      }
      waitpid(-1, 0, 0);
      gate_open(&up);
      for (;;) msleep(1000);
    }
    gate_wait(&up);
    exit(1);
  }
  reap("middle", mid);
  int st;
  waitpid(-1, &st, 0);
  pstat("orphan", st);
  E("bad signal", prctl(PR_SET_PDEATHSIG, 65));
}
