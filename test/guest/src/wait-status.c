// wait4(2): the four kinds of status, and that the usage record is filled.
#include "t.h"
static int killed(void *s) {
  kill(getpid(), (long)s);
  return 0;
}
static struct gate seen;
static int stopper(void *s) {
  kill(getpid(), (long)s);
  // Not gone before its parent has seen that it goes on.
  if ((long)s == SIGSTOP) gate_wait(&seen);
  return 9;
}
int main(void) {
  int sigs[] = { SIGTERM, SIGKILL, SIGHUP, SIGINT, SIGALRM, SIGPIPE, SIGUSR1, SIGABRT, SIGSEGV, SIGQUIT, 34, 64 };
  for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) reap(signame(sigs[i]), spawn(killed, (void *)(long)sigs[i]));
  int ignored[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };
  for (int i = 0; i < 4; i++) reap(signame(ignored[i]), spawn(killed, (void *)(long)ignored[i]));
  seen = gate();
  int stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
  for (int i = 0; i < 4; i++) {
    setpgid(0, 0);
    long pid = spawn(stopper, (void *)(long)stops[i]);
    int st;
    waitpid(pid, &st, WUNTRACED);
    pstat(signame(stops[i]), st);
    if ((st & 0xff) != 0x7f) continue;
    kill(pid, SIGCONT);
    waitpid(pid, &st, WCONTINUED);
    pstat("  then", st);
    gate_open(&seen);
    reap("  then", pid);
  }
}
