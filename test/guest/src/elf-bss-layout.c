// elf(5): bss is zero, also in the page shared with data; data, rodata and text have the right permissions; the stack is not executable.
#include "t.h"
static char bss[3 * PAGE];
static int data[3] = { 1, 2, 3 };
static int bss_after;
static const int ro[4] = { 9, 8, 7, 6 };
int main(int argc, char **argv) {
  int sum = bss_after;
  for (unsigned i = 0; i < sizeof bss; i++) sum |= bss[i];
  printf("bss %d data %d %d %d ro %d\n", sum, data[0], data[1], data[2], ro[argc]);
  char s[16];
  FAULT("execute the stack", NULL, ((void (*)(void))(((u64)s + 8) & ~7ul))());
  FAULT("execute data", NULL, ((void (*)(void))data)());
  FAULT("write a page of the data", NULL, bss[PAGE] = 1);
  printf("argv on the stack %d\n", (char *)argv > s);
}
