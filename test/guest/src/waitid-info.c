// waitid(2): siginfo for exited, killed, stopped and continued children; WNOWAIT leaves the child waitable.
#include "t.h"
static int code(void *c) { return (long)c; }
static struct gate seen;
static int selfkill(void *c) {
  kill(getpid(), (long)c);
  gate_wait(&seen);
  return 5;
}
static void show(const char *label, long r, siginfo_t *si, long pid) {
  static const char *codes[] = { "0", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED" };
  printf("%s: %s %s %s status %d pid %d uid %d\n", label, err(r), signame(si->si_signo), codes[si->si_code], si->si_status,
         si->si_pid == pid, si->si_uid);
}
int main(void) {
  siginfo_t si;
  long pid = spawn(code, (void *)300);
  show("nowait", SC(waitid, P_PID, pid, &si, WEXITED | WNOWAIT, 0), &si, pid);
  E("the dead do not stop", SC(waitid, P_PID, pid, &si, WSTOPPED, 0));
  E("nor go on", SC(waitid, P_ALL, 0, &si, WCONTINUED | WNOHANG, 0));
  show("exited", SC(waitid, P_PID, pid, &si, WEXITED, 0), &si, pid);
  E("gone", SC(waitid, P_PID, pid, &si, WEXITED, 0));
  seen = gate();
  pid = spawn(selfkill, (void *)SIGKILL);
  show("killed", SC(waitid, P_ALL, 0, &si, WEXITED, 0), &si, pid);
  pid = spawn(selfkill, (void *)SIGSTOP);
  show("stopped", SC(waitid, P_PGID, 0, &si, WSTOPPED, 0), &si, pid);
  memset(&si, 0, sizeof si);
  E("no more stops", SC(waitid, P_PID, pid, &si, WSTOPPED | WNOHANG, 0));
  printf("signo %d pid %d\n", si.si_signo, si.si_pid);
  kill(pid, SIGCONT);
  show("continued", SC(waitid, P_PID, pid, &si, WCONTINUED, 0), &si, pid);
  gate_open(&seen);
  show("then", SC(waitid, P_PID, pid, &si, WEXITED, 0), &si, pid);
  E("no options", SC(waitid, P_ALL, 0, &si, 0, 0));
  E("bad type", SC(waitid, 9, 0, &si, WEXITED, 0));
  E("none", SC(waitid, P_ALL, 0, &si, WEXITED, 0));
}
