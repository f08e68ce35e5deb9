// sigqueue(3), getrlimit(2) RLIMIT_SIGPENDING: queued signals are limited per user; standard signals still get through.
#include "t.h"
static int n;
static void h(int s) { n++; }
int main(void) {
  struct {
    u64 c, m;
  } rl = { 5, 5 };
  siginfo_t si;
  memset(&si, 0, sizeof si);
  si.si_code = SI_QUEUE;
  sigact(40, h, 0, 0);
  sigact(SIGUSR1, h, 0, 0);
  SC(setresuid, 1234, 1234, 1234);
  prlimit(0, RLIMIT_SIGPENDING, &rl, 0);
  sigmask(SIG_BLOCK, bit(40) | bit(SIGUSR1));
  int ok = 0;
  long r = 0;
  for (int i = 0; i < 10; i++) {
    r = SC(rt_sigqueueinfo, getpid(), 40, &si);
    if (r == 0) ok++;
  }
  printf("queued %d then %s\n", ok, err(r));
  E("kill still works", kill(getpid(), SIGUSR1));
  E("kill with a real-time signal", kill(getpid(), 40));
  sigmask(SIG_SETMASK, 0);
  printf("delivered %d\n", n);
  E("room again", SC(rt_sigqueueinfo, getpid(), 40, &si));
}
