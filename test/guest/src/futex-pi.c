// futex(2) FUTEX_LOCK_PI: kernel-mediated locking, trylock, unlock by a stranger, dying owner.
#include "t.h"
#include <linux/futex.h>
static int l, n;
static int locker(void *a) {
  E("thread lock", futex(&l, FUTEX_LOCK_PI, 0, 0));
  n++;
  printf("owner is me %d\n", (l & FUTEX_TID_MASK) == gettid());
  E("thread unlock", futex(&l, FUTEX_UNLOCK_PI));
  return 0;
}
int main(void) {
  E("lock free", futex(&l, FUTEX_LOCK_PI, 0, 0));
  printf("owner %d\n", (l & FUTEX_TID_MASK) == gettid());
  E("again", futex(&l, FUTEX_LOCK_PI, 0, 0));
  E("trylock", futex(&l, FUTEX_TRYLOCK_PI));
  struct thread t;
  thread_start(&t, locker, 0);
  await_state(t.tid, 'S');
  printf("waiting %d waiters bit %d\n", n == 0, (l & FUTEX_WAITERS) != 0);
  long r = futex(&l, FUTEX_UNLOCK_PI);
  thread_join(&t);
  E("unlock", r);
  printf("free %d\n", l & FUTEX_TID_MASK);
  E("unlock not owned", futex(&l, FUTEX_UNLOCK_PI));
  l = 99999;
  E("owner gone", futex(&l, FUTEX_LOCK_PI, 0, 0));
}
