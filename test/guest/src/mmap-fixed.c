// mmap(2): MAP_FIXED replaces what was there; MAP_FIXED_NOREPLACE answers EEXIST.
#include "t.h"
int main(void) {
  char *p = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 'x', 4 * PAGE);
  char *q = mmap(p + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("there %d: %d %d %d %d\n", q == p + PAGE, p[0], p[PAGE], p[3 * PAGE - 1], p[3 * PAGE]);
  E("noreplace", mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
  munmap(p + PAGE, PAGE);
  q = mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  printf("noreplace into a hole %d\n", q == p + PAGE);
  E("overlap at the end", mmap(p + 3 * PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
}
