// ptrace(2): calls interrupted by stops go on with their old deadline, wait(2) does not mix tracers' events; attaching to a stopped process; waitid(2) with WNOWAIT.
#include "pt.h"
static int naps(void *unused) {
  long t = now_ms();
  msleep(500);
  t = now_ms() - t;
  printf("slept as asked %d\n", t >= 500 && t < 5000);
  return 0;
}
static int sleeper(void *unused) { for (;;) msleep(1000); }
int main(void) {
  long pid = spawn(naps, 0);
  msleep(30);
  PT(SEIZE, pid, 0, GOOD);
  PT(INTERRUPT, pid, 0, 0);
  event("interrupted", pid);
  msleep(20);
  PT(CONT, pid, 0, 0);
  msleep(20);
  PT(INTERRUPT, pid, 0, 0);
  event("interrupted", pid);
  PT(CONT, pid, 0, 0);
  msleep(20);
  SC(kill, pid, SIGWINCH);
  event("signal", pid);
  PT(CONT, pid, 0, SIGWINCH);
  event("end", pid);

  pid = spawn(sleeper, 0);
  SC(kill, pid, SIGSTOP);
  int st;
  SC(wait4, pid, &st, WUNTRACED, 0);
  pstat("before", st);
  E("attach to the stopped", PT(ATTACH, pid, 0, 0));
  siginfo_t si = { 0 };
  E("waitid, peeking", SC(waitid, P_PID, pid, &si, WSTOPPED | WNOWAIT, 0));
  printf("code %d status %s\n", si.si_code, signame(si.si_status));
  E("waitid", SC(waitid, P_PID, pid, &si, WSTOPPED, 0));
  V("once", SC(wait4, pid, &st, WNOHANG, 0));
  PT(CONT, pid, 0, 0);
  event("the SIGSTOP of attaching", pid);
  siginfo("the SIGSTOP of attaching", pid);
  E("detach", PT(DETACH, pid, 0, 0));
  SC(kill, pid, SIGKILL);
  reap("killed", pid);

  pid = spawn(sleeper, 0);
  await_state(pid, 'S');
  PT(SEIZE, pid, 0, 0);
  SC(kill, pid, SIGSTOP);
  event("signal", pid);
  PT(CONT, pid, 0, SIGSTOP);
  event("group-stop", pid);
  E("detach out of a group-stop", PT(DETACH, pid, 0, 0));
  printf("stays stopped %d\n", await_state(pid, 'T'));
  SC(kill, pid, SIGCONT);
  printf("goes on %d\n", await_state(pid, 'S'));
  SC(kill, pid, SIGKILL);
  reap("killed", pid);
}
