// oracle: qemu
// clone(2) CLONE_SETTLS on riscv64: each thread starts with its own tp, and keeps it over system calls, signals and switches.
#include "t.h"
static long tp(void) {
  long v;
  __asm__ volatile("mv %0, tp" : "=r"(v));
  return v;
}
static void h(int s) { printf("handler sees the thread's tp %d\n", tp() == 0x5550); }
static int body(void *a) {
  for (int i = 0; i < 20; i++) {
    sched_yield();
    if (tp() != (long)a) return 1;
  }
  if (a == (void *)0x5550) raise(SIGUSR1);
  printf("tp kept %d\n", tp() == (long)a);
  return 0;
}
int main(void) {
  sigact(SIGUSR1, h, 0, 0);
  for (long i = 1; i <= 2; i++) {
    int done = 1;
    void *st = mmap(0, 64 * KB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(clone_fn(THREAD | CLONE_SETTLS | CLONE_CHILD_CLEARTID, (char *)st + 64 * KB, 0, (void *)(i == 1 ? 0x5550l : 0x6660l), &done, body,
                  (void *)(i == 1 ? 0x5550l : 0x6660l)));
    while (*(volatile int *)&done) futex_wait(&done, 1);
  }
}
