// oracle: qemu
// RISC-V A: every AMO of both widths, LR/SC success and failure, contention among threads, misaligned AMO faults.
#include "t.h"
#define AMO(op, w, m, v) \
  ({ \
    long r_; \
    __asm__ volatile(#op "." #w " %0, %2, (%1)" : "=&r"(r_) : "r"(m), "r"((long)(v)) : "memory"); \
    r_; \
  })
static int counter;
static int add(void *a) {
  for (int i = 0; i < 5000; i++) {
    long t, s;
    do __asm__ volatile("lr.w.aq %0, (%2)\naddi %0, %0, 1\nsc.w.rl %1, %0, (%2)" : "=&r"(t), "=&r"(s) : "r"(&counter) : "memory");
    while (s);
  }
  return 0;
}
int main(void) {
  static u64 m;
#define D(op) \
  m = 0x8000000000000005; \
  printf(#op " %lx", AMO(op, d, &m, 3)); \
  printf(" %lx", m); \
  m = 0xaaaaaaaa80000005; \
  printf(" %lx", AMO(op, w, &m, 3)); \
  printf(" %lx\n", m)
  D(amoswap);
  D(amoadd);
  D(amoxor);
  D(amoand);
  D(amoor);
  D(amomin);
  D(amomax);
  D(amominu);
  D(amomaxu);
  long v, s;
  m = 9;
  __asm__ volatile("lr.d %0, (%2)\nsc.d %1, %3, (%2)" : "=&r"(v), "=&r"(s) : "r"(&m), "r"(11l) : "memory");
  printf("lr %ld sc %ld now %lu\n", v, s, m);
  __asm__ volatile("sc.d %0, %2, (%1)" : "=&r"(s) : "r"(&m), "r"(12l) : "memory");
  printf("sc alone fails %d now %lu\n", s != 0, m);
  struct thread t[4];
  for (int i = 0; i < 4; i++) thread_start(&t[i], add, 0);
  for (int i = 0; i < 4; i++) thread_join(&t[i]);
  printf("counter %d\n", counter);
}
