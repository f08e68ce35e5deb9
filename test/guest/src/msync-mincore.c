// msync(2), mincore(2): flags, ranges, holes; what is written through a mapping is in the file; pages of files count as resident.
#include "mm.h"
int main(void) {
  put("f", "x");
  int fd = open("f", O_RDWR);
  ftruncate(fd, 4 * PAGE);
  char *f = mmap(0, 4 * PAGE, RW, MAP_SHARED, fd, 0), b[4] = "";
  f[0] = 'A';
  E("SYNC", SC(msync, f, PAGE, 4));
  pread(fd, b, 1, 0);
  printf("%s\n", b);
  E("ASYNC", SC(msync, f, 4 * PAGE, 1));
  E("INVALIDATE", SC(msync, f, PAGE, 2));
  E("nothing", SC(msync, f, PAGE, 0));
  E("ASYNC and SYNC", SC(msync, f, PAGE, 5));
  E("unknown", SC(msync, f, PAGE, 8));
  E("unaligned", SC(msync, f + 1, PAGE, 4));
  E("length 0", SC(msync, f, 0, 4));
  E("wraps", SC(msync, f, -PAGE, 4));
  char *a = mmap(place(8), 4 * PAGE, RW, ANON, -1, 0);
  E("anonymous", SC(msync, a, 4 * PAGE, 4));
  munmap(a + PAGE, PAGE);
  E("hole SYNC", SC(msync, a, 4 * PAGE, 4));
  E("hole ASYNC", SC(msync, a, 4 * PAGE, 1));
  E("all unmapped", SC(msync, a + PAGE, PAGE, 4));
  SC(mlock, f, PAGE);
  E("INVALIDATE of locked", SC(msync, f, PAGE, 2));
  SC(munlock, f, PAGE);
  resident("anonymous untouched", a + 2 * PAGE, 2);
  LOOK(a + 2 * PAGE);
  resident("read once", a + 2 * PAGE, 2);
  resident("hole", a, 4);
  char *g = mmap(0, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
  TOUCH(f + 2 * PAGE);
  resident("of the file, through another mapping", g, 4);
  char *s = mmap(0, 4 * PAGE, RW, SHANON, -1, 0);
  TOUCH(s + PAGE);
  resident("shared", s, 4);
  u8 v[8];
  E("length 0", SC(mincore, f, 0, v));
  E("length rounds up", SC(mincore, f, 1, v));
  E("unaligned", SC(mincore, f + 1, PAGE, v));
  E("too long", SC(mincore, f, 1l << 62, v));
  mkdir("d", 0755);
  put("d/root", "x");
  chmod("d/root", 0644);
  fd = open("d/root", O_RDONLY);
  long pid = fork();
  if (pid == 0) {
    drop();
    char *o = mmap(0, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    resident("of a file that is not ours", o, 2);
    exit(0);
  }
  reap("nobody", pid);
  fd = open("f", O_RDWR);
  char *edge = mmap(place(4), 2 * PAGE, RW, ANON, -1, 0);
  munmap(edge + PAGE, PAGE);
  E("vector over the edge", SC(mincore, f, 4 * PAGE, edge + PAGE - 2));
  printf("what fits %d%d\n", edge[PAGE - 2] & 1, edge[PAGE - 1] & 1);
}
