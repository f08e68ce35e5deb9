// sigsuspend(2), rt_sigtimedwait(2): the temporary mask, synchronous taking of pending signals, timeouts, EINTR by others.
#include "t.h"
static void h(int sig) { printf("handler %s mask %lx\n", signame(sig), getmask()); }
static int poke(void *arg) {
  msleep(10);
  kill(getppid(), (long)arg);
  return 0;
}
int main(void) {
  sigact(SIGUSR1, h, 0, 0);
  sigact(SIGUSR2, h, 0, 0);
  sigmask(SIG_SETMASK, bit(SIGUSR1) | bit(SIGUSR2) | bit(SIGTERM));
  raise(SIGUSR1);
  E("suspend", sigsuspend(bit(SIGUSR2)));
  printf("mask back %lx\n", getmask());
  mask_t set = bit(SIGUSR2) | bit(SIGTERM);
  siginfo_t si;
  struct timespec zero = { 0, 0 }, bit_ = { 0, 10000000 };
  E("none pending", SC(rt_sigtimedwait, &set, &si, &zero, 8));
  E("timeout", SC(rt_sigtimedwait, &set, &si, &bit_, 8));
  raise(SIGTERM);
  raise(SIGUSR2);
  printf("took %s\n", signame(SC(rt_sigtimedwait, &set, &si, &zero, 8)));
  printf("info %s %d\n", signame(si.si_signo), si.si_code);
  printf("took %s\n", signame(SC(rt_sigtimedwait, &set, 0, 0, 8)));
  long pid = spawn(poke, (void *)SIGTERM);
  printf("waited %s\n", signame(SC(rt_sigtimedwait, &set, &si, 0, 8)));
  printf("from child %d\n", si.si_pid == pid);
  reap("child", pid);
  sigmask(SIG_UNBLOCK, bit(SIGUSR1));
  pid = spawn(poke, (void *)SIGUSR1);
  E("other handler", SC(rt_sigtimedwait, &set, &si, 0, 8));
  reap("child", pid);
  struct timespec bad = { 0, 1000000000 };
  E("bad time", SC(rt_sigtimedwait, &set, &si, &bad, 8));
}
