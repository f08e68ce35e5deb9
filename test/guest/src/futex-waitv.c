// futex_waitv(2): one of several words, the index of the one that was woken; what is refused; timeouts on both clocks; private and shared words together; a
// requeued waiter.
#include "t.h"
#include <linux/futex.h>
#ifndef __NR_futex_waitv
#define __NR_futex_waitv 449
#endif
#define waitv(w, n, flags, at, clock) SC(futex_waitv, w, n, flags, at, clock)

struct vector { u64 val, uaddr; unsigned flags, reserved; } v[130];
static int words[130], *shared, elsewhere;
struct waiter { struct thread t; int tid, count; long result; };

static int waiter(void *a) {
  struct waiter *w = a;
  w->tid = gettid();
  w->result = waitv(v, w->count, 0, 0, 0);
  return 0;
}
static void start(struct waiter *w, int count) {
  w->tid = 0;
  w->count = count;
  thread_start(&w->t, waiter, w);
  while (!*(volatile int *)&w->tid) msleep(1);
  await_state(w->tid, 'S');
}
static void set(int i, void *word, unsigned flags) { v[i] = (struct vector){ .val = 0, .uaddr = (u64)word, .flags = flags }; }
static struct timespec soon(int clock) {
  struct timespec t;
  SC(clock_gettime, clock, &t);
  t.tv_nsec += 20000000;
  t.tv_sec += t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}

int main(void) {
  shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 130; i++) set(i, words + i, 2 | FUTEX_PRIVATE_FLAG);
  E("none", waitv(v, 0, 0, 0, 0));
  E("129", waitv(v, 129, 0, 0, 0));
  E("no vector", waitv(0, 1, 0, 0, 0));
  E("flags", waitv(v, 1, 1, 0, 0));
  E("bad vector", waitv(8, 1, 0, 0, 0));
  struct timespec t = soon(1);
  E("no such clock", waitv(v, 1, 0, &t, 7));
  t.tv_nsec = 2000000000;
  E("no such time", waitv(v, 1, 0, &t, 1));
  v[1].reserved = 1;
  E("reserved", waitv(v, 2, 0, 0, 0));
  v[1].reserved = 0;
  v[1].flags = FUTEX_PRIVATE_FLAG;
  E("size not 32 bits", waitv(v, 2, 0, 0, 0));
  v[1].flags = 2 | 16;
  E("unknown flag", waitv(v, 2, 0, 0, 0));
  set(1, (char *)words + 2, 2);
  E("misaligned", waitv(v, 2, 0, 0, 0));
  set(1, (void *)8, 2);
  E("bad word", waitv(v, 2, 0, 0, 0));
  set(1, words + 1, 2 | FUTEX_PRIVATE_FLAG);
  words[1] = 5;
  E("another value", waitv(v, 2, 0, 0, 0));
  words[1] = 0;
  for (int clock = 0; clock < 2; clock++) {
    t = soon(clock);
    E("time is up", waitv(v, 128, 0, &t, clock));
  }

  struct waiter w, w2;
  set(3, shared, 2);
  start(&w, 5);
  V("private wake of a shared word", futex(shared, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
  V("wake", futex(shared, FUTEX_WAKE, 1));
  thread_join(&w.t);
  V("index", w.result);
  start(&w, 128);
  start(&w2, 3);
  V("wake both by the second word", futex(words + 1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 10));
  thread_join(&w.t);
  thread_join(&w2.t);
  V("index", w.result);
  V("index", w2.result);
  V("nobody is left", futex(words + 2, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 10));
  start(&w, 3);
  V("requeue", SC(futex, words + 2, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 0, 1L, &elsewhere, 0));
  V("not there any more", futex(words + 2, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
  V("but there", futex(&elsewhere, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
  thread_join(&w.t);
  V("index", w.result);
}
