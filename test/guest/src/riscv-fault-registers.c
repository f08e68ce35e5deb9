// oracle: qemu
// All registers at a fault in code that has run often: a load, a store, an AMO and a floating-point access in the middle of a block whose other instructions
// change every register. The handler sees the values of that very moment, and what it changes is what the code goes on with.
#include "t.h"
struct ucontext {
  u64 flags;
  struct ucontext *link;
  stack_t stack;
  u64 mask;
  u8 unused[128 - 8];
  u64 pad;
  u64 regs[32];
  u64 f[32];
  u32 fcsr;
};
static char *good, *bad;
static u64 hash;
static void h(int s, siginfo_t *si, struct ucontext *uc) {
  u64 *r = uc->regs;
  hash = 0;
  // Not pc, ra, sp, gp, tp, nor the compiler's s0 and the base in s1.
  for (int i = 5; i < 32; i++) if (i != 8 && i != 9) hash = hash * 31 + r[i];
  for (int i = 0; i < 32; i++) hash = hash * 31 + uc->f[i];
  hash = hash * 31 + (uc->fcsr & 31);
  printf("%s code %d at %ld, a0 %lx t6 %lx s11 %lx hash %lx\n", signame(s), si->si_code, (long)((char *)si->si_addr - bad), r[10], r[31], r[27], hash);
  r[9] = (u64)good;
  r[10] += 1000;
}
// Sets every register from a0, then changes them around the access ACCESS to s1.
#define SETUP "mv s1, %1\nmv a0, %2\n" \
  "addi t0, a0, 1\naddi t1, a0, 2\naddi t2, a0, 3\naddi a1, a0, 4\naddi a2, a0, 5\naddi a3, a0, 6\naddi a4, a0, 7\naddi a5, a0, 8\naddi a6, a0, 9\naddi a7, a0, 10\n" \
  "addi s2, a0, 11\naddi s3, a0, 12\naddi s4, a0, 13\naddi s5, a0, 14\naddi s6, a0, 15\naddi s7, a0, 16\naddi s8, a0, 17\naddi s9, a0, 18\naddi s10, a0, 19\n" \
  "addi s11, a0, 20\naddi t3, a0, 21\naddi t4, a0, 22\naddi t5, a0, 23\naddi t6, a0, 24\nfcvt.d.l fa0, a0\nfcvt.d.l fa1, a1\nfadd.d fa2, fa0, fa1\nfcvt.d.l ft1, t1\nfcvt.d.l fs2, s2\n"
#define MIX "add t0, t0, t1\nadd a1, a1, a2\nxor a3, a3, a4\nadd s2, s2, s3\nadd s11, s11, s10\nadd t6, t6, t5\nadd a0, a0, a7\nfmul.d fa2, fa2, fa0\nfadd.d fs2, fs2, ft1\n"
#define ALL "t0", "t1", "t2", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", \
  "fa0", "fa1", "fa2", "ft1", "fs2", "memory"
#define PLACE(name, access) __attribute__((noinline)) static u64 name(char *p, u64 x) { \
  u64 out; \
  __asm__ volatile(SETUP MIX access MIX "add a0, a0, t6\nadd a0, a0, s11\nadd a0, a0, a1\nfcvt.l.d t0, fa2\nadd a0, a0, t0\nmv %0, a0" : "=r"(out) : "r"(p), "r"(x) : ALL); \
  return out; }
PLACE(load, "ld t3, 16(s1)\n")
PLACE(loads, "ld t3, 16(s1)\nadd t4, t4, t3\nlw t5, 24(s1)\nlbu a5, 39(s1)\n")
PLACE(store, "sd t6, 16(s1)\n")
PLACE(amo, "amoadd.d t3, t6, (s1)\n")
PLACE(reserved, "lr.d t3, (s1)\naddi t3, t3, 5\nsc.d t4, t3, (s1)\n")
PLACE(fload, "fld fa2, 32(s1)\nfadd.d fa2, fa2, fa1\n")
PLACE(fstore, "fsd fa2, 32(s1)\n")
PLACE(loop, "li t2, 3\n1: add a0, a0, t2\nlw t3, 0(s1)\nadd t4, t4, a0\naddi t2, t2, -1\nbnez t2, 1b\n")
static u64 (*const accesses[])(char *, u64) = {load, loads, store, amo, reserved, fload, fstore, loop};
static const char *const names[] = {"load", "loads", "store", "amo", "lr sc", "fld", "fsd", "loop"};
int main(void) {
  good = (char *)must(mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  bad = (char *)must(mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  sigact(SIGSEGV, h, SA_SIGINFO, 0);
  for (int i = 0; i < 8; i++) {
    u64 sum = 0;
    for (int round = 0; round < 3000; round++) sum = sum * 3 + accesses[i](good, round);
    printf("%s, warm: %lx\n", names[i], sum);
    printf("%s: %lx\n", names[i], accesses[i](bad, 100 + i));
    printf("%s again: %lx\n", names[i], accesses[i](good, 5));
  }
}
