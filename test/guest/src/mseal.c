// mseal(2): a sealed mapping cannot be unmapped, moved, resized, protected otherwise, replaced or discarded; the rest works.
#include "mm.h"
#ifndef __NR_mseal
#define __NR_mseal 462
#endif
int main(void) {
  char *a = place(32);
  char *p = mmap(a, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
  memset(p, 1, 8 * PAGE);
  E("flags", SC(mseal, p, PAGE, 1));
  E("unaligned", SC(mseal, p + 1, PAGE, 0));
  E("length 0", SC(mseal, p, 0, 0));
  E("wraps", SC(mseal, p, -PAGE, 0));
  E("unmapped", SC(mseal, a + 20 * PAGE, PAGE, 0));
  E("over the end", SC(mseal, p + 6 * PAGE, 4 * PAGE, 0));
  E("seal the middle", SC(mseal, p + 2 * PAGE, 2 * PAGE, 0));
  E("again", SC(mseal, p + 2 * PAGE, 2 * PAGE, 0));
  printf("flag %d %d\n", vmflag(p + 2 * PAGE, "sl"), vmflag(p, "sl"));
  where("it", a, p + 2 * PAGE);
  E("munmap", munmap(p + 2 * PAGE, PAGE));
  E("munmap over it", munmap(p, 8 * PAGE));
  where("nothing went", a, p);
  E("mprotect", mprotect(p + 2 * PAGE, PAGE, PROT_READ));
  E("mprotect to the same", mprotect(p + 2 * PAGE, PAGE, RW));
  E("mprotect over it", mprotect(p + PAGE, 4 * PAGE, PROT_READ));
  where("up to it", a, p + PAGE);
  E("mremap shrink", mremap(p + 2 * PAGE, 2 * PAGE, PAGE, 0));
  E("mremap grow", mremap(p + 2 * PAGE, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE));
  E("mremap same", mremap(p + 2 * PAGE, 2 * PAGE, 2 * PAGE, 0));
  E("mremap away", mremap(p + 2 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 20 * PAGE));
  char *q = mmap(a + 24 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
  E("mremap onto it", mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 3 * PAGE));
  E("mmap fixed", mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
  E("noreplace", mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  p[2 * PAGE] = 7;
  E("DONTNEED, writable", madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED));
  printf("zero %d\n", p[2 * PAGE]);
  E("SEQUENTIAL", madvise(p + 2 * PAGE, PAGE, MADV_SEQUENTIAL));
  E("mlock", SC(mlock, p + 2 * PAGE, PAGE));
  E("munlock", SC(munlock, p + 2 * PAGE, PAGE));
  char *r = mmap(a + 28 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
  r[0] = 5;
  mprotect(r, 2 * PAGE, PROT_READ);
  E("seal read only", SC(mseal, r, 2 * PAGE, 0));
  E("DONTNEED, read only", madvise(r, PAGE, MADV_DONTNEED));
  E("FREE, read only", madvise(r, PAGE, MADV_FREE));
  E("DONTFORK, read only", madvise(r, PAGE, MADV_DONTFORK));
  E("WIPEONFORK, read only", madvise(r, PAGE, MADV_WIPEONFORK));
  E("WILLNEED, read only", madvise(r, PAGE, MADV_WILLNEED));
  printf("still %d\n", r[0]);
  put("f", "x");
  int fd = open("f", O_RDWR);
  char *f = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  E("seal a file", SC(mseal, f, PAGE, 0));
  E("DONTNEED, file", madvise(f, PAGE, MADV_DONTNEED));
  long pid = fork();
  if (pid == 0) {
    E("child munmap", munmap(r, PAGE));
    E("child mprotect", mprotect(r, PAGE, RW));
    exit(0);
  }
  reap("child", pid);
}
