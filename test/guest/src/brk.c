// brk(2): the raw call answers the break, also on failure; memory appears zeroed and goes away.
#include "t.h"
int main(void) {
  char *start = (char *)brk(0);
  printf("same %d\n", (char *)brk(0) == start);
  char *base = (char *)(((u64)start + PAGE - 1) & ~(PAGE - 1));
  printf("grow %d\n", (char *)brk(base + 3 * PAGE) == base + 3 * PAGE);
  int sum = 0;
  for (int i = 0; i < 3 * PAGE; i++) {
    sum |= base[i];
    base[i] = 7;
  }
  printf("zero %d\n", sum == 0);
  printf("shrink %d\n", (char *)brk(base + PAGE) == base + PAGE);
  FAULT("cut off", base, (void)*(volatile char *)(base + PAGE));
  brk(base + 2 * PAGE);
  printf("fresh again %d kept %d\n", base[PAGE], base[0]);
  printf("below start %d\n", (char *)brk(4096) == base + 2 * PAGE);
  printf("enormous %d\n", (char *)brk(1ul << 62) == base + 2 * PAGE);
  mmap(base + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("into a mapping %d\n", (char *)brk(base + 6 * PAGE) == base + 2 * PAGE);
  struct rlimit {
    u64 cur, max;
  } rl = { 16 * PAGE, ~0ul };
  char *far = (char *)brk(0);
  long pid = fork();
  if (pid == 0) {
    prlimit(0, RLIMIT_DATA, &rl, 0);
    printf("RLIMIT_DATA %d\n", (char *)brk(far + 64 * PAGE) == far);
    exit(0);
  }
  reap("child", pid);
}
