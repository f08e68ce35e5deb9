// futex(2): wait compares first, wakes are counted, timeouts relative and absolute, bitsets, errors.
#include "t.h"
#include <linux/futex.h>
static int w, woken;
static int waiter(void *a) {
  long r = futex(&w, (long)a, 0, 0, 0, 1);
  __atomic_add_fetch(&woken, r == 0, 5);
  return 0;
}
int main(void) {
  E("other value", futex(&w, FUTEX_WAIT, 1, 0));
  struct timespec ts = { 0, 10000000 };
  E("timeout", futex(&w, FUTEX_WAIT, 0, &ts));
  V("wake none", futex(&w, FUTEX_WAKE, 1));
  struct thread t[3];
  for (int i = 0; i < 3; i++) thread_start(&t[i], waiter, (void *)FUTEX_WAIT);
  for (int i = 0; i < 3; i++) await_state(t[i].tid, 'S');
  V("wake one", futex(&w, FUTEX_WAKE, 1));
  V("wake rest", futex(&w, FUTEX_WAKE, 100));
  for (int i = 0; i < 3; i++) thread_join(&t[i]);
  printf("woken %d\n", woken);
  thread_start(&t[0], waiter, (void *)FUTEX_WAIT_BITSET);
  await_state(t[0].tid, 'S');
  V("other bit", futex(&w, FUTEX_WAKE_BITSET, 1, 0, 0, 2));
  V("same bit", futex(&w, FUTEX_WAKE_BITSET, 1, 0, 0, 3));
  thread_join(&t[0]);
  clock_gettime(CLOCK_MONOTONIC, &ts);
  ts.tv_sec += 0;
  E("absolute past", futex(&w, FUTEX_WAIT_BITSET, 0, &ts, 0, ~0u));
  clock_gettime(CLOCK_REALTIME, &ts);
  E("absolute realtime", futex(&w, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &ts, 0, ~0u));
  E("no bits", futex(&w, FUTEX_WAIT_BITSET, 0, 0, 0, 0));
  E("unaligned", futex((char *)&w + 1, FUTEX_WAIT, 0, 0));
  E("bad address", futex(8, FUTEX_WAIT, 0, 0));
  E("bad op", futex(&w, 99, 0, 0));
  ts.tv_nsec = -1;
  E("bad time", futex(&w, FUTEX_WAIT, 0, &ts));
  int *priv = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  long pid = fork();
  if (pid == 0) {
    ts = (struct timespec){ 0, 30000000 };
    E("private pages differ per process", futex(priv, FUTEX_WAIT, 0, &ts));
    exit(0);
  }
  msleep(10);
  V("so nobody", futex(priv, FUTEX_WAKE, 1));
  reap("child", pid);
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, PAGE);
  int *sh = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  pid = fork();
  if (pid == 0) {
    int *mine = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    E("shared file, other mapping", futex(mine, FUTEX_WAIT, 0, 0));
    exit(0);
  }
  while (futex(sh, FUTEX_WAKE, 1) == 0) msleep(1);
  reap("child", pid);
}
