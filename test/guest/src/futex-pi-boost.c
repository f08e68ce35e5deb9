// futex(2), "Priority-inheritance futexes": the owner runs at the priority of the best waiter, through chains; the best waiter is the next owner, not the
// longest; what changes a waiter's priority or ends its wait changes the owner's; a cycle is EDEADLK. Priorities as in proc_pid_stat(5), field 18.
#include "t.h"
#include <linux/futex.h>
#include <linux/sched.h>

static int first, second, order;
struct waiter { struct thread t; int priority, *hold, *want; int tid, has, timed, place; long result; struct timespec until; };

static int prio(int tid) {
  char name[64], text[512];
  snprintf(name, sizeof name, "/proc/self/task/%d/stat", tid);
  int fd = open(name, O_RDONLY, 0);
  text[read(fd, text, sizeof text - 1)] = 0;
  close(fd);
  char *p = strchr(text, ')');
  for (int field = 2; field < 18; field++) p = strchr(p + 1, ' ');
  return atol(p + 1);
}
static void fifo(int tid, int priority) {
  int param = priority;
  E("priority", SC(sched_setscheduler, tid, priority ? SCHED_FIFO : SCHED_NORMAL, &param));
}
static int waiter(void *a) {
  struct waiter *w = a;
  w->tid = gettid();
  if (w->priority) fifo(0, w->priority);
  if (w->hold) E("held", futex(w->hold, FUTEX_LOCK_PI, 0, 0));
  w->has = 1;
  w->result = futex(w->want, FUTEX_LOCK_PI, 0, w->timed ? &w->until : 0);
  if (w->want == &first) w->place = ++order;
  if (w->result == 0) futex(w->want, FUTEX_UNLOCK_PI);
  if (w->hold) futex(w->hold, FUTEX_UNLOCK_PI);
  return 0;
}
static void join(const char *label, struct waiter *w) {
  thread_join(&w->t);
  printf("%s: %s, place %d\n", label, err(w->result), w->place);
}
static void start(struct waiter *w, int priority, int *hold, int *want) {
  *w = (struct waiter){ .priority = priority, .hold = hold, .want = want, .timed = w->timed, .until = w->until };
  thread_start(&w->t, waiter, w);
  while (!*(volatile int *)&w->has) msleep(1);
  await_state(w->tid, 'S');
}

int main(void) {
  static struct waiter low, high, chain, mine;
  E("lock", futex(&first, FUTEX_LOCK_PI, 0, 0));
  printf("nobody waits: %d\n", prio(getpid()));
  start(&low, 10, 0, &first);
  printf("10 waits: %d\n", prio(getpid()));
  start(&high, 30, 0, &first);
  printf("30 waits too: %d\n", prio(getpid()));
  fifo(high.tid, 5);
  printf("that one has 5 now: %d\n", prio(getpid()));
  fifo(high.tid, 40);
  printf("and now 40: %d\n", prio(getpid()));
  start(&mine, 0, &second, &first);
  printf("a fair one holds the second: %d\n", prio(mine.tid));
  start(&chain, 50, 0, &second);
  printf("50 waits for it: %d, and through it for me: %d\n", prio(mine.tid), prio(getpid()));
  E("a cycle", futex(&second, FUTEX_LOCK_PI, 0, 0));
  printf("policy %ld\n", SC(sched_getscheduler, 0));
  long r = futex(&first, FUTEX_UNLOCK_PI);
  join("10", &low);
  join("40", &high);
  join("50 through a fair one", &mine);
  join("50", &chain);
  E("unlock", r);
  printf("afterwards: %d, words %x %x\n", prio(getpid()), first, second);

  E("lock", futex(&first, FUTEX_LOCK_PI, 0, 0));
  SC(clock_gettime, 0, &low.until);
  low.timed = 1;
  low.until.tv_nsec += 60000000;
  low.until.tv_sec += low.until.tv_nsec / 1000000000;
  low.until.tv_nsec %= 1000000000;
  start(&low, 20, 0, &first);
  printf("20 waits for a while: %d\n", prio(getpid()));
  join("it", &low);
  printf("it has given up: %d\n", prio(getpid()));
  E("unlock", futex(&first, FUTEX_UNLOCK_PI));
  printf("word %x\n", first);
}
