// Thousands of signals between two processes and inside threads: none of the queued real-time ones is lost, handlers nest and return.
#include "t.h"
static volatile int got, sum;
static void h(int s, siginfo_t *si, void *u) {
  got++;
  sum += si->si_int;
}
static volatile int ticks;
static void tick(int s) { ticks++; }
int main(void) {
  sigact(40, h, SA_SIGINFO, 0);
  sigact(SIGALRM, tick, SA_RESTART, 0);
  struct {
    struct timeval i, v;
  } it = { { 0, 1000 }, { 0, 1000 } };
  SC(setitimer, 0, &it, 0);
  long me = getpid(), pid = fork();
  if (pid == 0) {
    siginfo_t si;
    memset(&si, 0, sizeof si);
    si.si_code = SI_QUEUE;
    for (int i = 1; i <= 2000; i++) {
      si.si_int = i;
      while (SC(rt_sigqueueinfo, me, 40, &si) == -EAGAIN) sched_yield();
    }
    exit(0);
  }
  u64 x = 1;
  while (got < 2000) {
    for (int i = 0; i < 100; i++) x = x * 6364136223846793005ul + 1442695040888963407ul;
    getppid();
  }
  reap("sender", pid);
  printf("got %d sum %d\n", got, sum);
}
