// signal(7): when the frame of a SIGSEGV handler cannot be written, the process dies of SIGSEGV, handler or not.
#include "t.h"
static void overflow(int n) {
  volatile char frame[4096];
  frame[0] = n;
  if (n >= 0) overflow(n + 1);
  frame[1] = 0;
}
static void h(int sig) { printf("never\n"); }
static int child(void *arg) {
  sigact(SIGSEGV, h, 0, 0);
  overflow(0);
  return 0;
}
int main(void) { reap("no room for the frame", spawn(child, 0)); }
