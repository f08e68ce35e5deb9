// sigaction(2): a handler runs with its own signal blocked, then the mask is back; SA_NODEFER does not block; SA_RESETHAND runs once.
#include "t.h"
static int count;
static void h(int sig) {
  count++;
  printf("in %s mask %lx\n", signame(sig), getmask());
}
static void nest(int sig) {
  if (++count < 3) raise(sig);
  printf("leave %d\n", count);
}
static long disposition(int sig) {
  u64 a[4] = { 0 };
  SC(rt_sigaction, sig, 0, a, 8);
  return a[0];
}
int main(void) {
  sigact(SIGUSR1, h, 0, 0);
  raise(SIGUSR1);
  printf("after mask %lx\n", getmask());
  sigact(SIGUSR1, h, 0, bit(SIGTERM) | bit(SIGINT) | bit(SIGKILL));
  raise(SIGUSR1);
  sigact(SIGUSR1, h, SA_NODEFER, bit(SIGHUP));
  raise(SIGUSR1);
  count = 0;
  sigact(SIGUSR2, nest, SA_NODEFER, 0);
  raise(SIGUSR2);
  count = 0;
  sigact(SIGUSR2, nest, 0, 0);
  raise(SIGUSR2);
  sigact(SIGUSR1, h, SA_RESETHAND, 0);
  raise(SIGUSR1);
  printf("disposition %ld\n", disposition(SIGUSR1));
}
