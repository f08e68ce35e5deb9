// mmap(2): shared anonymous memory between processes carries atomics and futexes.
#include "t.h"
#include <linux/futex.h>
static int *m;
static void lock(int *l) {
  while (__atomic_exchange_n(l, 1, 5)) sched_yield();
}
static int adder(void *a) {
  for (int i = 0; i < 2000; i++) {
    lock(&m[0]);
    m[1]++;
    __atomic_store_n(&m[0], 0, 5);
    __atomic_add_fetch(&m[2], 1, 5);
  }
  return 0;
}
int main(void) {
  m = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  long pid[4];
  for (int i = 0; i < 4; i++) pid[i] = spawn(adder, 0);
  for (int i = 0; i < 4; i++) reap("adder", pid[i]);
  printf("locked %d atomic %d\n", m[1], m[2]);
  long c = fork();
  if (c == 0) {
    while (__atomic_load_n(&m[3], 5) == 0) futex(&m[3], FUTEX_WAIT, 0, 0);
    m[4] = m[3] * 2;
    exit(0);
  }
  msleep(10);
  m[3] = 21;
  futex(&m[3], FUTEX_WAKE, 1);
  reap("child", c);
  printf("answer %d\n", m[4]);
}
