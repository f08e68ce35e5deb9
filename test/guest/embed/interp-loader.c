// build: pie
// A program interpreter of our own (elf(5), PT_INTERP): says what the kernel told it, then jumps to the program with the stack untouched.
#include "t.h"
#include <linux/auxvec.h>
int main(int argc, char **argv) {
  extern const char __ehdr_start[] __attribute__((visibility("hidden")));
  printf("loader: AT_BASE is mine %d, AT_ENTRY is not %d, argc %d\n", getauxval(AT_BASE) == (long)__ehdr_start,
         getauxval(AT_ENTRY) != (long)main, argc);
  u64 entry = getauxval(AT_ENTRY);
  long *sp = (long *)argv - 1;
#ifdef __riscv
  __asm__ volatile("mv sp, %0\njr %1" ::"r"(sp), "r"(entry) : "memory");
#else
  __asm__ volatile("mov %0, %%rsp\njmp *%1" ::"r"(sp), "r"(entry) : "memory");
#endif
  __builtin_unreachable();
}
