// oracle: qemu
// riscv_flush_icache(2) and fence.i: freshly written and rewritten code runs; code in a page that changes hands; W^X by mprotect.
#include "t.h"
static u32 addi(int v) { return (u32)v << 20 | 0x00513; } // li a0, v
#define RET 0x00008067
int main(void) {
  u32 *c = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int (*f)(void) = (int (*)(void))c;
  int sum = 0;
  for (int i = 0; i < 50; i++) {
    c[0] = addi(i);
    c[1] = RET;
    __asm__ volatile("fence.i" ::: "memory");
    sum += f();
  }
  printf("fence.i %d\n", sum);
  sum = 0;
  for (int i = 0; i < 50; i++) {
    c[0] = addi(i * 2);
    SC(riscv_flush_icache, c, c + 2, 0);
    sum += f();
  }
  printf("syscall %d\n", sum);
  E("local flag", SC(riscv_flush_icache, c, c + 2, 1));
  c[PAGE / 4 - 1] = addi(7);
  c[PAGE / 4] = RET;
  SC(riscv_flush_icache, c, c + PAGE / 2, 0);
  printf("across pages %d\n", ((int (*)(void))(c + PAGE / 4 - 1))());
  u16 *h = (u16 *)((u8 *)c + PAGE - 2);
  *(u32 *)h = addi(9);
  *(u32 *)(h + 2) = RET;
  SC(riscv_flush_icache, c, c + PAGE / 2, 0);
  printf("an instruction across pages %d\n", ((int (*)(void))h)());
  mprotect(c, PAGE, PROT_READ | PROT_EXEC);
  FAULT("no longer writable", c, *(volatile u32 *)c = 1);
  printf("still runs %d\n", f());
  munmap(c, 2 * PAGE);
  u32 *d = mmap(c, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  d[0] = addi(123);
  d[1] = RET;
  SC(riscv_flush_icache, d, d + 2, 0);
  printf("same address, new page %d\n", f());
  long pid = fork();
  if (pid == 0) {
    d[0] = addi(77);
    SC(riscv_flush_icache, d, d + 2, 0);
    printf("child %d\n", f());
    exit(0);
  }
  reap("child", pid);
  printf("parent %d\n", f());
}
