// pipe(7), write(2): SIGPIPE and EPIPE without readers; ignoring or handling it leaves the EPIPE; the signal is thread-directed.
#include "t.h"
static void h(int s, siginfo_t *si, void *u) { printf("handler %s code %d\n", signame(s), si->si_code); }
static int victim(void *arg) {
  int p[2];
  pipe(p);
  close(p[0]);
  write(p[1], "x", 1);
  return 1;
}
int main(void) {
  reap("default", spawn(victim, 0));
  int p[2];
  pipe(p);
  close(p[0]);
  sigact(SIGPIPE, h, SA_SIGINFO, 0);
  E("handled", write(p[1], "x", 1));
  sigact(SIGPIPE, SIG_IGN, 0, 0);
  E("ignored", write(p[1], "x", 1));
  V("empty write", write(p[1], "x", 0));
}
