// close_range(2): a range, beyond the last, CLOEXEC and UNSHARE flags, errors.
#include "t.h"
#ifndef __NR_close_range
#define __NR_close_range 436
#endif
static int body(void *a) {
  SC(close_range, 0, 100, 2);
  return 0;
}
static void show(const char *l) {
  printf("%s:", l);
  for (int i = 0; i < 12; i++) {
    long r = fcntl(i, F_GETFD);
    if (r >= 0) printf(" %d%s", i, r ? "c" : "");
  }
  printf("\n");
}
int main(void) {
  for (int i = 3; i < 10; i++) dup3(0, i, 0);
  E("3-4", SC(close_range, 3, 4, 0));
  show("after");
  E("cloexec 6-7", SC(close_range, 6, 7, 4));
  show("after");
  E("8-max", SC(close_range, 8, ~0u, 0));
  show("after");
  E("empty", SC(close_range, 20, 30, 0));
  E("reversed", SC(close_range, 5, 4, 0));
  E("flags", SC(close_range, 5, 5, 64));
  struct thread t;
  thread_start(&t, body, 0);
  thread_join(&t);
  show("another thread unshared");
}
