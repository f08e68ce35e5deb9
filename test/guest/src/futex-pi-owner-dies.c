// futex(2), FUTEX_LOCK_PI: an owner that ends without unlocking and without a robust list leaves the lock to the best waiter, marked FUTEX_OWNER_DIED;
// in its own process, and across processes. FUTEX_LOCK_PI2 measures its timeout on CLOCK_MONOTONIC; a signal does not end the wait.
#include "t.h"
#include <linux/futex.h>

static int private_word, *word, *gone, signals;
static int thread(void *a) {
  E("thread locks", futex(&private_word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, 0));
  msleep(50);
  return 0;
}
static int process(void *a) {
  *word = gettid();
  *gone = 1;
  msleep(50);
  return 0;
}
static int interrupted(void *a) {
  msleep(30);
  tgkill(getpid(), getpid(), SIGUSR1);
  msleep(30);
  futex(word, FUTEX_UNLOCK_PI);
  return 0;
}
static int holder(void *a) {
  E("hold", futex(word, FUTEX_LOCK_PI, 0, 0));
  *gone = 2;
  return interrupted(a);
}
static void count(int s) { signals++; }
static void show(const char *what, int w) {
  printf("%s: mine %d waiters %d died %d\n", what, (w & FUTEX_TID_MASK) == gettid(), (w & FUTEX_WAITERS) != 0, (w & FUTEX_OWNER_DIED) != 0);
}

int main(void) {
  word = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  gone = word + 1;
  struct thread t;
  thread_start(&t, thread, 0);
  while (*(volatile int *)&private_word == 0) msleep(1);
  E("after the thread", futex(&private_word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, 0));
  show("private", private_word);
  thread_join(&t);
  E("unlock", futex(&private_word, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG));
  printf("word %x\n", private_word);

  long pid = spawn(process, 0);
  while (*(volatile int *)gone == 0) msleep(1);
  E("try", futex(word, FUTEX_TRYLOCK_PI));
  printf("waiters bit %d\n", (*word & FUTEX_WAITERS) != 0);
  E("after the process", futex(word, FUTEX_LOCK_PI, 0, 0));
  show("shared", *word);
  reap("process", pid);
  E("unlock", futex(word, FUTEX_UNLOCK_PI));
  printf("word %x\n", *word);

  struct timespec at;
  thread_start(&t, holder, 0);
  while (*(volatile int *)gone != 2) msleep(1);
  SC(clock_gettime, 1, &at);
  E("too late", futex(word, FUTEX_LOCK_PI2, 0, &at));
  sigact(SIGUSR1, count, 0, 0);
  E("through a signal", futex(word, FUTEX_LOCK_PI2, 0, 0));
  printf("signals %d\n", signals);
  thread_join(&t);
  E("unlock", futex(word, FUTEX_UNLOCK_PI));
  *word = FUTEX_OWNER_DIED;
  E("lock what a dead one left", futex(word, FUTEX_LOCK_PI, 0, 0));
  show("left", *word);
  E("unlock", futex(word, FUTEX_UNLOCK_PI));
  *word = FUTEX_WAITERS;
  E("lock a free one with a stale bit", futex(word, FUTEX_TRYLOCK_PI));
  show("stale", *word);
}
