// signal(7): a synchronous fault while its signal is blocked or ignored kills; sent by kill it stays pending or is ignored.
#include "t.h"
static int blocked(void *a) {
  sigmask(SIG_BLOCK, bit(SIGSEGV));
  kill(getpid(), SIGSEGV);
  printf("pending %lx\n", sigpend());
  *(volatile char *)16 = 1;
  return 0;
}
static int ignored(void *a) {
  sigact(SIGSEGV, SIG_IGN, 0, 0);
  kill(getpid(), SIGSEGV);
  printf("survived kill\n");
  *(volatile char *)16 = 1;
  return 0;
}
static void h(int s) { *(volatile char *)16 = 1; }
static int nested(void *a) {
  sigact(SIGSEGV, h, 0, 0);
  *(volatile char *)16 = 1;
  return 0;
}
int main(void) {
  reap("blocked", spawn(blocked, 0));
  reap("ignored", spawn(ignored, 0));
  reap("fault in the handler", spawn(nested, 0));
}
