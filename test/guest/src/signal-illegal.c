// oracle: qemu
// sigaction(2) on riscv64: SIGILL ILL_ILLOPC and SIGTRAP TRAP_BRKPT with si_addr at the instruction; integer division by zero is no fault.
#include "t.h"
int main(void) {
  u32 *code = mmap(0, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  code[0] = 0xffffffff;
  code[1] = 0;
  code[2] = 0x00100073;
  ((u16 *)code)[6] = 0x9002;
  code[8] = 0x10500073;
  code[9] = 0x30200073;
  SC(riscv_flush_icache, code, code + 64, 0);
  FAULT("all ones", code, ((void (*)(void))code)());
  FAULT("all zeros", code, ((void (*)(void))(code + 1))());
  FAULT("ebreak", code, ((void (*)(void))(code + 2))());
  FAULT("c.ebreak", code, ((void (*)(void))(code + 3))());
  FAULT("mret", code, ((void (*)(void))(code + 9))());
  volatile long z = 0, one = 1, min = -0x7fffffffffffffff - 1, m1 = -1;
  long q, r;
  __asm__ volatile("div %0, %2, %3\nrem %1, %2, %3" : "=&r"(q), "=&r"(r) : "r"(one), "r"(z));
  printf("1/0 %ld 1%%0 %ld\n", q, r);
  __asm__ volatile("div %0, %2, %3\nrem %1, %2, %3" : "=&r"(q), "=&r"(r) : "r"(min), "r"(m1));
  printf("min/-1 is min %d rem %ld\n", q == min, r);
}
