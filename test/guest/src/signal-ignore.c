// signal(7): an ignored signal is dropped at once, even while blocked when ignored later; setting SIG_IGN discards what is pending.
#include "t.h"
static void h(int s) { printf("handled %s\n", signame(s)); }
int main(void) {
  sigact(SIGUSR1, SIG_IGN, 0, 0);
  E("send ignored", raise(SIGUSR1));
  printf("pending %lx\n", sigpend());
  sigact(SIGUSR1, h, 0, 0);
  sigmask(SIG_BLOCK, bit(SIGUSR1) | bit(SIGURG));
  raise(SIGUSR1);
  raise(SIGURG);
  printf("pending %lx\n", sigpend());
  sigact(SIGUSR1, SIG_IGN, 0, 0);
  printf("after ignore %lx\n", sigpend());
  sigact(SIGURG, SIG_DFL, 0, 0);
  printf("after default of a default-ignored %lx\n", sigpend());
  sigact(SIGUSR1, h, 0, 0);
  sigmask(SIG_UNBLOCK, bit(SIGUSR1));
  raise(SIGUSR1);
}
