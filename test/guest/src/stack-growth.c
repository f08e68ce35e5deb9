// mmap(2), getrlimit(2): the stack grows on touch up to RLIMIT_STACK, then SIGSEGV; one megabyte of recursion works.
#include "t.h"
static int deep(int n) {
  volatile char f[1000];
  f[0] = n;
  f[999] = n;
  return n == 0 ? 0 : deep(n - 1) + (f[0] == f[999]);
}
static int endless(void *a) { return deep(1 << 30); }
int main(void) {
  printf("%d\n", deep(1000));
  printf("%d\n", deep(4000));
  reap("endless", spawn(endless, 0));
  struct {
    u64 cur, max;
  } rl;
  prlimit(0, RLIMIT_STACK, 0, &rl);
  printf("limit %lu\n", rl.cur);
}
