// ptrace(2): PTRACE_SEIZE does not stop, PTRACE_INTERRUPT does; group-stops are events, PTRACE_LISTEN waits for their end; detaching; a tracer's end.
#include "pt.h"
static int sleeper(void *unused) { for (;;) msleep(1000); }
static int lives(long pid) { return SC(kill, pid, 0) == 0; }
static int tracer(void *arg) {
  long *who = arg;
  PT(SEIZE, who[0], 0, 0);
  PT(SEIZE, who[1], 0, PTRACE_O_EXITKILL);
  return 0;
}
int main(void) {
  long pid = spawn(sleeper, 0);
  await_state(pid, 'S');
  E("seize", PT(SEIZE, pid, 0, 0));
  V("no stop", SC(wait4, pid, 0, __WALL | WNOHANG, 0));
  E("running: cont", PT(CONT, pid, 0, 0));
  E("running: peek", PT(PEEKDATA, pid, main, &pid));
  E("twice", PT(SEIZE, pid, 0, 0));
  E("interrupt", PT(INTERRUPT, pid, 0, 0));
  event("interrupted", pid);
  siginfo("interrupted", pid);
  V("reported once", SC(wait4, pid, 0, __WALL | WNOHANG, 0));
  PT(CONT, pid, 0, 0);
  await_state(pid, 'S');

  SC(kill, pid, SIGSTOP);
  event("signal", pid);
  E("listen at a signal", PT(LISTEN, pid, 0, 0));
  PT(CONT, pid, 0, SIGSTOP);
  event("group-stop", pid);
  siginfo("group-stop", pid);
  E("listen", PT(LISTEN, pid, 0, 0));
  V("listening", SC(wait4, pid, 0, __WALL | WNOHANG, 0));
  E("not ours while listening", PT(CONT, pid, 0, 0));
  SC(kill, pid, SIGCONT);
  event("stop is over", pid);
  siginfo("stop is over", pid);
  PT(CONT, pid, 0, 0);
  event("SIGCONT", pid);
  PT(CONT, pid, 0, SIGCONT);
  await_state(pid, 'S');

  PT(INTERRUPT, pid, 0, 0);
  event("interrupted", pid);
  E("detach, bad signal", PT(DETACH, pid, 0, 99));
  E("detach", PT(DETACH, pid, 0, 0));
  printf("sleeps again %d\n", await_state(pid, 'S'));
  E("no longer ours", PT(INTERRUPT, pid, 0, 0));

  E("attach", PT(ATTACH, pid, 0, 0));
  event("attached", pid);
  E("detach with a signal", PT(DETACH, pid, 0, SIGTERM));
  reap("terminated", pid);

  long who[2] = { spawn(sleeper, 0), spawn(sleeper, 0) };
  long t = spawn(tracer, who);
  reap("tracer", t);
  printf("tracee lives %d\n", lives(who[0]));
  reap("EXITKILL", who[1]);
  SC(kill, who[0], SIGKILL);
  reap("other", who[0]);

  pid = spawn(sleeper, 0);
  PT(SEIZE, pid, 0, 0);
  PT(INTERRUPT, pid, 0, 0);
  event("interrupted", pid);
  SC(kill, pid, SIGKILL);
  event("killed in its stop", pid);

  E("self", PT(ATTACH, getpid(), 0, 0));
  E("nobody", PT(ATTACH, 99999, 0, 0));
  pid = spawn(sleeper, 0);
  E("not a tracee", PT(CONT, pid, 0, 0));
  E("bad request", PT(SEIZE, pid, 0, 0) ? 0 : SC(ptrace, 9999, pid, 0, 0));
  E("kill", PT(KILL, pid, 0, 0));
  event("killed", pid);
  if (fork() == 0) {
    SC(setresuid, 1000, 1000, 1000);
    E("foreign", PT(ATTACH, getppid(), 0, 0));
    exit(0);
  }
  SC(wait4, -1, 0, 0, 0);
}
