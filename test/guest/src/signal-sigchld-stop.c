// sigaction(2): SIGCHLD is also sent for stops and continues, unless SA_NOCLDSTOP.
#include "t.h"
static int n;
static void h(int sig, siginfo_t *si, void *uc) {
  static const char *codes[] = { "0", "EXITED", "KILLED", "DUMPED", "TRAPPED", "STOPPED", "CONTINUED" };
  n++;
  printf("SIGCHLD %s %s\n", codes[si->si_code], si->si_code == CLD_EXITED ? "-" : signame(si->si_status));
}
static int idle(void *c) {
  for (;;) msleep(1000);
}
int main(void) {
  sigact(SIGCHLD, h, SA_SIGINFO | SA_RESTART, 0);
  long pid = spawn(idle, 0);
  int st;
  kill(pid, SIGSTOP);
  waitpid(pid, &st, WUNTRACED);
  kill(pid, SIGCONT);
  waitpid(pid, &st, WCONTINUED);
  msleep(20);
  kill(pid, SIGKILL);
  waitpid(pid, &st, 0);
  printf("signals %d\n", n);
  n = 0;
  sigact(SIGCHLD, h, SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP, 0);
  pid = spawn(idle, 0);
  kill(pid, SIGSTOP);
  waitpid(pid, &st, WUNTRACED);
  kill(pid, SIGCONT);
  waitpid(pid, &st, WCONTINUED);
  msleep(20);
  kill(pid, SIGKILL);
  waitpid(pid, &st, 0);
  printf("signals %d\n", n);
}
