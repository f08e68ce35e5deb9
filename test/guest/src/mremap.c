// mremap(2): shrink, grow in place, grow by moving, MREMAP_FIXED, DONTUNMAP, and the errors.
#include "t.h"
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
int main(void) {
  char *area = mmap(0, 32 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(area, 32 * PAGE);
  char *p = mmap(area, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  for (int i = 0; i < 4; i++) p[i * PAGE] = i + 1;
  printf("shrink stays %d\n", mremap(p, 4 * PAGE, 2 * PAGE, 0) == p);
  FAULT("cut off", p, (void)*(volatile char *)(p + 2 * PAGE));
  printf("grow in place %d\n", mremap(p, 2 * PAGE, 3 * PAGE, 0) == p);
  printf("contents %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
  char *wall = mmap(p + 3 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  E("blocked, may not move", mremap(p, 3 * PAGE, 4 * PAGE, 0));
  char *q = mremap(p, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
  printf("moved %d contents %d %d %d %d\n", q != p, q[0], q[PAGE], q[2 * PAGE], q[3 * PAGE]);
  FAULT("old place", p, (void)*(volatile char *)p);
  char *to = area + 20 * PAGE;
  mmap(to, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  char *r = mremap(q, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
  printf("fixed %d contents %d %d\n", r == to, r[0], r[PAGE]);
  char *u = mremap(r, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  printf("dontunmap contents %d old is empty %d\n", u[0], r[0]);
  E("unmapped", mremap(area + 10 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  E("unaligned", mremap(u + 1, PAGE, PAGE, 0));
  E("new size 0", mremap(u, PAGE, 0, 0));
  E("fixed without maymove", mremap(u, PAGE, PAGE, MREMAP_FIXED, to));
  E("fixed onto itself", mremap(u, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, u + PAGE));
  E("bad flags", mremap(u, PAGE, PAGE, 64));
  (void)wall;
}
