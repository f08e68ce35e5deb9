// oracle: qemu
// Misaligned scalar loads and stores work in user space, across cache lines and pages; a fault half way leaves registers and memory alone.
#include "t.h"
int main(void) {
  u8 *m = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 2 * PAGE; i++) m[i] = i * 7;
  for (int off = -8; off <= 1; off++) {
    u8 *p = m + PAGE + off;
    u64 d;
    long w, h;
    double f;
    __asm__ volatile("ld %0, 0(%4)\nlw %1, 0(%4)\nlh %2, 0(%4)\nfld %3, 0(%4)" : "=&r"(d), "=&r"(w), "=&r"(h), "=&f"(f) : "r"(p));
    u64 bits;
    memcpy(&bits, &f, 8);
    printf("%d: %lx %ld %ld %d\n", off, d, w, h, bits == d);
  }
  for (int off = -7; off < 0; off++) {
    __asm__ volatile("sd %0, 0(%1)" ::"r"(0x1122334455667788), "r"(m + PAGE + off) : "memory");
    u64 back = 0;
    for (int i = 0; i < 8; i++) back |= (u64)m[PAGE + off + i] << (8 * i);
    printf("%d %lx\n", off, back);
  }
  munmap(m + 2 * PAGE, PAGE);
  for (int i = 0; i < 8; i++) m[2 * PAGE - 8 + i] = i + 1;
  FAULT("store into the void", m, __asm__ volatile("sd %0, 0(%1)" ::"r"(-1l), "r"(m + 2 * PAGE - 3) : "memory"));
  printf("%d %d %d\n", m[2 * PAGE - 3], m[2 * PAGE - 2], m[2 * PAGE - 1]);
  FAULT("load from the void", m, __asm__ volatile("ld t0, 0(%0)" ::"r"(m + 2 * PAGE - 1) : "t0", "memory"));
}
