// sigprocmask(2), sigpending(2): blocked standard signals collapse into one, real-time ones queue in order; KILL and STOP cannot be
// blocked.
#include "t.h"
static void h(int sig, siginfo_t *si, void *uc) { printf("%s value %d\n", signame(sig), si->si_code == SI_QUEUE ? si->si_int : -1); }
static void queue(int sig, int v) {
  siginfo_t si;
  memset(&si, 0, sizeof si);
  si.si_signo = sig;
  si.si_code = SI_QUEUE;
  si.si_int = v;
  si.si_pid = getpid();
  E("queue", SC(rt_sigqueueinfo, getpid(), sig, &si));
}
int main(void) {
  int sigs[] = { SIGUSR1, SIGTERM, 34, 40 };
  mask_t all = 0;
  for (int i = 0; i < 4; i++) {
    sigact(sigs[i], h, SA_SIGINFO, ~0ul);
    all |= bit(sigs[i]);
  }
  sigmask(SIG_BLOCK, all);
  queue(40, 1);
  queue(34, 2);
  queue(34, 3);
  queue(SIGTERM, 4);
  queue(SIGUSR1, 5);
  queue(SIGUSR1, 6);
  queue(40, 7);
  printf("pending %lx\n", sigpend());
  sigmask(SIG_UNBLOCK, all);
  printf("pending %lx\n", sigpend());
  sigmask(SIG_SETMASK, ~0ul);
  printf("full mask %lx\n", getmask());
  E("bad how", sigmask(5, 0));
  E("bad size", SC(rt_sigprocmask, SIG_BLOCK, &all, 0, 4));
  E("action for KILL", sigact(SIGKILL, SIG_IGN, 0, 0));
  E("action for STOP", sigact(SIGSTOP, h, 0, 0));
  E("action for 65", sigact(65, h, 0, 0));
  siginfo_t si;
  memset(&si, 0, sizeof si);
  si.si_code = SI_USER;
  E("forged SI_USER to another", SC(rt_sigqueueinfo, getppid(), SIGCONT, &si));
}
