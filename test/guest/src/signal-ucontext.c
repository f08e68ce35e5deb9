// oracle: qemu
// sigaction(2) on riscv64: the handler's ucontext holds the interrupted registers and mask, and changes to pc, a register and the mask take
// effect.
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
static void h(int s, siginfo_t *si, struct ucontext *uc) {
  u64 *regs = uc->regs;
  printf("aligned %d pc at fault %d a0 %lx s11 %lx mask %lx\n", ((u64)uc & 15) == 0, *(u32 *)regs[0] == 0, regs[10], regs[27], uc->mask);
  regs[0] += 4;
  regs[10] = 0x1111;
  uc->mask = bit(SIGUSR2);
}
int main(void) {
  sigact(SIGILL, h, SA_SIGINFO, 0);
  sigmask(SIG_SETMASK, bit(SIGHUP));
  u64 r, s11;
  __asm__ volatile("li a0, 0x77\nli s11, 0x88\n.balign 4\n.option push\n.option norvc\n.word 0\n.option pop\nmv %0, a0\nmv %1, s11"
                   : "=&r"(r), "=&r"(s11)::"a0", "s11", "memory");
  printf("a0 %lx s11 %lx mask %lx\n", r, s11, getmask());
}
