// futex(2), FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: waiters of a condition go on to a PI lock and return as its owners, the first at once if the lock
// is free; pairs that do not belong together are refused; timeouts and signals before and after the move.
#include "t.h"
#include <linux/futex.h>

static int condition, lock, other, order, wanted_signals;
struct waiter { struct thread t; int tid; struct timespec until; };

static int waiter(void *a) {
  struct waiter *w = a;
  w->tid = gettid();
  long r = SC(futex, &condition, FUTEX_WAIT_REQUEUE_PI, condition, w->until.tv_sec | w->until.tv_nsec ? &w->until : 0, &lock, 0);
  printf("waiter: %s owner %d\n", err(r), (lock & FUTEX_TID_MASK) == w->tid);
  if (r == 0) {
    order++;
    futex(&lock, FUTEX_UNLOCK_PI);
  }
  return 0;
}
static void start(struct waiter *w, long ms) {
  w->tid = 0;
  w->until = (struct timespec){ 0 };
  if (ms) {
    SC(clock_gettime, 1, &w->until);
    w->until.tv_nsec += ms * 1000000;
    w->until.tv_sec += w->until.tv_nsec / 1000000000;
    w->until.tv_nsec %= 1000000000;
  }
  thread_start(&w->t, waiter, w);
  while (!*(volatile int *)&w->tid) msleep(1);
  await_state(w->tid, 'S');
}
static long requeue(int wake, int move, int *to, int value) { return SC(futex, &condition, FUTEX_CMP_REQUEUE_PI, wake, (long)move, to, value); }
static void handler(int s) { wanted_signals++; }

int main(void) {
  static struct waiter a, b, c;
  E("the same word", SC(futex, &condition, FUTEX_WAIT_REQUEUE_PI, 0, 0, &condition, 0));
  E("another value", SC(futex, &condition, FUTEX_WAIT_REQUEUE_PI, 7, 0, &lock, 0));
  E("move to the same word", requeue(1, 1, &condition, 0));
  E("wake none", requeue(0, 1, &lock, 0));
  E("wake two", requeue(2, 1, &lock, 0));
  E("not that value", requeue(1, 1, &lock, 9));
  V("nobody waits", requeue(1, 1, &lock, 0));

  start(&a, 0);
  E("an ordinary wake", futex(&condition, FUTEX_WAKE, 1));
  E("an ordinary move", SC(futex, &condition, FUTEX_REQUEUE, 0, 1L, &other, 0));
  E("another lock", requeue(1, 1, &other, 0));
  long r = requeue(1, 0, &lock, 0);
  thread_join(&a.t);
  V("free lock", r);
  printf("done %d word %x\n", order, lock);

  E("lock", futex(&lock, FUTEX_LOCK_PI, 0, 0));
  start(&a, 0);
  start(&b, 0);
  start(&c, 0);
  V("one and one more", requeue(1, 1, &lock, 0));
  printf("nobody has it: %d, waiters bit %d\n", order, (lock & FUTEX_WAITERS) != 0);
  V("the rest", requeue(1, 100, &lock, 0));
  futex(&lock, FUTEX_UNLOCK_PI);
  thread_join(&a.t);
  thread_join(&b.t);
  thread_join(&c.t);
  printf("done %d word %x\n", order, lock);

  start(&a, 40);
  thread_join(&a.t);
  E("lock", futex(&lock, FUTEX_LOCK_PI, 0, 0));
  start(&a, 60);
  V("moved", requeue(1, 1, &lock, 0));
  thread_join(&a.t);

  sigact(SIGUSR1, handler, 0, 0);
  start(&a, 0);
  tgkill(getpid(), a.tid, SIGUSR1);
  while (*(volatile int *)&wanted_signals == 0) msleep(1);
  msleep(20);
  V("moved after a signal", requeue(1, 1, &lock, 0));
  tgkill(getpid(), a.tid, SIGUSR1);
  thread_join(&a.t);
  printf("signals %d\n", wanted_signals);
  E("unlock", futex(&lock, FUTEX_UNLOCK_PI));
}
