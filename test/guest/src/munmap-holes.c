// munmap(2): holes in the middle, ends cut, ranges over several areas and gaps; unaligned and empty are errors, unmapped is not.
#include "t.h"
static void show(volatile char *p, int n) {
  for (int i = 0; i < n; i++) {
    fault_arm();
    if (setjmp(fault_env) == 0) {
      (void)p[i * PAGE];
      printf("#");
    } else
      printf(".");
  }
  printf("\n");
}
int main(void) {
  char *p = mmap(0, 10 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(p + 3 * PAGE, PAGE);
  show(p, 10);
  munmap(p + 7 * PAGE, 2 * PAGE);
  show(p, 10);
  munmap(p, PAGE);
  show(p, 10);
  munmap(p + 9 * PAGE, 1);
  show(p, 10);
  E("over gaps", munmap(p + 2 * PAGE, 4 * PAGE));
  show(p, 10);
  E("again", munmap(p + 2 * PAGE, 4 * PAGE));
  E("unaligned", munmap(p + 1, PAGE));
  E("length 0", munmap(p, 0));
  E("past user space", munmap((char *)(1ul << 62), PAGE));
  mmap(p + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  show(p, 10);
  printf("fresh %d\n", p[3 * PAGE]);
}
