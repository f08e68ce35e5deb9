// setpgid(2), exit(2): when a group becomes orphaned with stopped members, they get SIGHUP and SIGCONT.
#include "t.h"
#include <linux/prctl.h>
static int hup, cont;
static void h(int s) { *(s == SIGHUP ? &hup : &cont) += 1; }
int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct gate up = gate(), go = gate();
  long mid = fork();
  if (mid == 0) {
    setsid();
    long pid = fork();
    if (pid == 0) {
      setpgid(0, 0);
      sigact(SIGHUP, h, 0, bit(SIGCONT));
      sigact(SIGCONT, h, 0, bit(SIGHUP));
      gate_open(&up);
      raise(SIGSTOP);
      gate_wait(&go);
      printf("SIGHUP %d SIGCONT %d\n", hup, cont);
      exit(4);
    }
    gate_wait(&up);
    int st;
    waitpid(pid, &st, WUNTRACED);
    pstat("member", st);
    exit(0);
  }
  reap("middle", mid);
  gate_open(&go);
  int st;
  waitpid(-1, &st, 0);
  pstat("orphan", st);
}
