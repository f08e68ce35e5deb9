// oracle: qemu
// Programs that make code, as just-in-time compilers do, thousands of times over: fresh mappings, pages that turn from writable to executable, one page
// rewritten again and again under hot callers, an instruction patched within a hot loop, many small functions in one growing area.
#include "t.h"
#define ROUNDS 10000
#define FEWER 2000
static u32 li(int v) { return (u32)v << 20 | 0x00513; }                 // li a0, v
static u32 addi(int v) { return (u32)v << 20 | 0x50513; }               // addi a0, a0, v
#define RET 0x00008067u
#define FENCE_I __asm__ volatile("fence.i" ::: "memory")
typedef long (*fn)(long);
static u32 *map(int prot) { return (u32 *)must(mmap(0, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); }
int main(void) {
  long sum = 0;
  for (int i = 0; i < ROUNDS; i++) {
    u32 *c = map(PROT_READ | PROT_WRITE | PROT_EXEC);
    c[i % 100] = addi(i & 1023);
    c[i % 100 + 1] = RET;
    FENCE_I;
    sum += ((fn)(c + i % 100))(i);
    must(munmap(c, PAGE));
  }
  printf("mapped, written, run, unmapped: %ld\n", sum);
  u32 *c = map(PROT_READ | PROT_WRITE);
  sum = 0;
  for (int i = 0; i < FEWER; i++) {
    must(mprotect(c, PAGE, PROT_READ | PROT_WRITE));
    c[0] = addi(i & 1023);
    c[1] = addi(i >> 10);
    c[2] = RET;
    must(mprotect(c, PAGE, PROT_READ | PROT_EXEC));
    SC(riscv_flush_icache, c, c + 3, 0);
    for (int k = 0; k < 3; k++) sum += ((fn)c)(k);
  }
  printf("writable, then executable: %ld\n", sum);
  c = map(PROT_READ | PROT_WRITE | PROT_EXEC);
  sum = 0;
  for (int i = 0; i < FEWER; i++) {
    c[0] = addi(i & 2047);
    c[1] = RET;
    FENCE_I;
    for (int k = 0; k < (i % 500 == 0 ? 2000 : 5); k++) sum += ((fn)c)(k);
  }
  printf("one page again and again: %ld\n", sum);
  // A hot loop whose body is patched between two calls of it.
  static u64 calls;
  u32 *loop = map(PROT_READ | PROT_WRITE | PROT_EXEC);
  const u32 body[] = {
    0xff010113, 0x00113423, 0x00813023, 0x00050413, 0x00000513,          // prologue, s0 = rounds, a0 = 0
    0x00150513,                                                          // 20: addi a0, a0, 1 (patched)
    0xfff40413,                                                          // addi s0, s0, -1
    0xfe041ce3,                                                          // bnez s0, 20
    0x00813083, 0x00013403, 0x01010113, RET,                             // epilogue
  };
  for (int i = 0; i < 12; i++) loop[i] = body[i];
  FENCE_I;
  sum = 0;
  for (int i = 0; i < FEWER / 2; i++) {
    loop[5] = addi(i & 15);
    FENCE_I;
    sum += ((fn)loop)(i % 50 == 0 ? 3000 : 20);
    calls++;
  }
  printf("a patched loop: %ld in %lu calls\n", sum, calls);
  // Many functions in one area, each made while earlier ones of the same page are hot.
  u32 *area = (u32 *)must(mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  sum = 0;
  for (int i = 0; i < FEWER; i++) {
    u32 *f = area + i % 1000 * 4;
    f[0] = addi(i % 1000);
    f[1] = addi(1);
    f[2] = RET;
    SC(riscv_flush_icache, f, f + 3, 0);
    sum += ((fn)f)(i);
    for (int k = 0; k < 4; k++) sum += ((fn)(area + (i < 1000 ? i * k / 4 : (i * 7 + k * 250) % 1000) * 4))(k);
  }
  printf("a growing area: %ld\n", sum);
  // A store to the instruction right behind it, and to its own page, hot.
  u32 *own = map(PROT_READ | PROT_WRITE | PROT_EXEC);
  //   sw a1, 8(a2); fence.i; addi a0, a0, 1 (patched); ret
  own[0] = 0x00b62423; own[1] = 0x0000100f; own[2] = addi(1); own[3] = RET;
  FENCE_I;
  sum = 0;
  for (int i = 0; i < FEWER; i++) {
    register long a0 __asm__("a0") = i, a1 __asm__("a1") = addi(i & 511), a2 __asm__("a2") = (long)own, t = (long)own;
    __asm__ volatile("jalr %1" : "+r"(a0) : "r"(t), "r"(a1), "r"(a2) : "ra", "memory");
    sum += a0;
  }
  printf("a store to what follows: %ld\n", sum);
}
