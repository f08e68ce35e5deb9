// ptrace(2): PTRACE_TRACEME, signal-delivery-stops (suppressed, replaced, injected), group-stop without PTRACE_SEIZE, siginfo, signal masks and queues.
#include "pt.h"
static volatile int got;
static void h(int s) { got = s; }
static int child(void *unused) {
  E("traceme", PT(TRACEME, 0, 0, 0));
  E("traceme again", PT(TRACEME, 0, 0, 0));
  sigact(SIGUSR1, h, 0, 0);
  sigact(SIGUSR2, h, 0, 0);
  raise(SIGUSR1);
  printf("suppressed: %d\n", got == SIGUSR1);
  raise(SIGUSR1);
  printf("delivered: %d\n", got == SIGUSR1);
  raise(SIGUSR1);
  printf("replaced: %d\n", got == SIGUSR2);
  raise(SIGCHLD);
  raise(SIGSTOP);
  printf("after the stop\n");
  sigmask(SIG_BLOCK, bit(SIGUSR1));
  raise(SIGUSR1);
  SC(kill, getpid(), SIGUSR2);
  printf("mask %lx\n", getmask());
  return 7;
}
int main(void) {
  long pid = spawn(child, 0);
  event("first", pid);
  siginfo("first", pid);
  E("cont with a bad signal", PT(CONT, pid, 0, 65));
  long r = PT(CONT, pid, 0, 0);
  event("second", pid);
  E("cont", r);
  PT(CONT, pid, 0, SIGUSR1);
  event("third", pid);
  PT(CONT, pid, 0, SIGUSR2);
  event("ignored signals stop too", pid);
  PT(CONT, pid, 0, SIGCHLD);
  event("stop signal", pid);
  siginfo("stop signal", pid);
  PT(CONT, pid, 0, SIGSTOP);
  event("group-stop", pid);
  siginfo("group-stop", pid);
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/status", pid);
  printf("state %s, traced by me %d\n", field(path, "State"), atol(field(path, "TracerPid")) == getpid());
  E("listen without seize", PT(LISTEN, pid, 0, 0));
  E("interrupt without seize", PT(INTERRUPT, pid, 0, 0));
  PT(CONT, pid, 0, 0);
  event("blocked signal waits", pid);
  struct ptrace_peeksiginfo_args a = { 0, 0, 4 };
  siginfo_t si[4];
  long n = PT(PEEKSIGINFO, pid, &a, si);
  printf("queue of the thread %ld: %s\n", n, n > 0 ? signame(si[0].si_signo) : "");
  a.flags = PTRACE_PEEKSIGINFO_SHARED;
  V("queue of the process", PT(PEEKSIGINFO, pid, &a, si));
  a.flags = 2;
  E("bad flags", PT(PEEKSIGINFO, pid, &a, si));
  mask_t m = 0;
  E("getsigmask, bad size", PT(GETSIGMASK, pid, 4, &m));
  E("getsigmask", PT(GETSIGMASK, pid, 8, &m));
  printf("mask %lx\n", m);
  m |= bit(SIGHUP);
  E("setsigmask", PT(SETSIGMASK, pid, 8, &m));
  PT(CONT, pid, 0, 0);
  event("end", pid);
  E("cont of the dead", PT(CONT, pid, 0, 0));
  E("wait for nobody", SC(wait4, -1, 0, __WALL, 0));
}
