// mincore(2), mlock(2): residency of touched anonymous pages; ENOMEM for holes; locking touches.
#include "t.h"
int main(void) {
  char *a = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  u8 v[4] = { 9, 9, 9, 9 };
  a[PAGE] = 1;
  E("mincore", SC(mincore, a, 4 * PAGE, v));
  printf("%d%d%d%d\n", v[0] & 1, v[1] & 1, v[2] & 1, v[3] & 1);
  E("mlock", SC(mlock, a + 2 * PAGE, PAGE));
  SC(mincore, a, 4 * PAGE, v);
  printf("%d%d%d%d\n", v[0] & 1, v[1] & 1, v[2] & 1, v[3] & 1);
  E("munlock", SC(munlock, a + 2 * PAGE, PAGE));
  munmap(a + 3 * PAGE, PAGE);
  E("hole", SC(mincore, a, 4 * PAGE, v));
  E("mlock hole", SC(mlock, a, 4 * PAGE));
  E("unaligned", SC(mincore, a + 1, PAGE, v));
  E("bad vector", SC(mincore, a, PAGE, 8));
  char *pop = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  SC(mincore, pop, 2 * PAGE, v);
  printf("populated %d%d\n", v[0] & 1, v[1] & 1);
}
