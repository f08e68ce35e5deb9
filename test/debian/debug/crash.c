// Debugged by debug.test.ts: a recursion, then a null pointer. Built by tools/elf-check.mjs.
#include <stdio.h>

int twice(int n) { return 2 * n; }

static int depth(int n) {
  if (n == 0)
    return 7;
  return 1 + depth(n - 1);
}

int main(void) {
  int r = depth(3);
  printf("result %d\n", r);
  fflush(stdout);
  volatile int *p = 0;
  *p = twice(1);
  return 0;
}
