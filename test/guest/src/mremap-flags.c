// mremap(2): every flag, parts of mappings, files, shared memory, locked memory, over several mappings, and the errors.
#include "mm.h"
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
int main(void) {
  char *a = place(128), *p, *q;
  p = mmap(a, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
  for (int i = 0; i < 8; i++) p[i * PAGE] = 'a' + i;
  q = mremap(p + 2 * PAGE, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 40 * PAGE);
  printf("middle moved %d %c%c%c\n", q == a + 40 * PAGE, q[0], q[PAGE], q[2 * PAGE]);
  where("left", a, a);
  where("hole", a, a + 2 * PAGE);
  where("right", a, a + 5 * PAGE);
  where("moved", a, q);
  E("back into the hole", q = mremap(q, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 2 * PAGE));
  where("one again", a, a);
  printf("%c%c%c%c\n", a[0], a[2 * PAGE], a[4 * PAGE], a[7 * PAGE]);
  E("shrink the middle", mremap(a + PAGE, 3 * PAGE, PAGE, 0));
  where("after shrink", a, a);
  E("old size past the end", mremap(a, 5 * PAGE, 6 * PAGE, MREMAP_MAYMOVE));
  E("same size over a hole", mremap(a, 5 * PAGE, 5 * PAGE, 0));
  E("grow in the middle", mremap(a + 4 * PAGE, PAGE, 2 * PAGE, 0));
  q = mremap(a + 4 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
  printf("grow in the middle by moving %d %c %d\n", q != a + 4 * PAGE, q[0], q[PAGE]);
  munmap(a, 8 * PAGE);
  p = mmap(a, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
  for (int i = 0; i < 4; i++) p[i * PAGE] = i + 1;
  q = mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, a + 60 * PAGE);
  printf("dontunmap fixed %d: %d %d, old %d %d\n", q == a + 60 * PAGE, q[0], q[3 * PAGE], p[0], p[3 * PAGE]);
  p[0] = 9;
  printf("apart %d %d\n", p[0], q[0]);
  E("dontunmap must keep the size", mremap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
  E("dontunmap without maymove", mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_DONTUNMAP, 0));
  char *s = mmap(0, 2 * PAGE, RW, SHANON, -1, 0);
  s[0] = 7;
  char *s2 = mremap(s, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  printf("dontunmap shared %d %d\n", s[0], s2[0]);
  char *dup = mremap(s, 0, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 80 * PAGE);
  dup[1] = 8;
  printf("duplicate %d %d\n", dup[0], s[1]);
  E("duplicate may not stay", mremap(s, 0, PAGE, 0));
  E("duplicate private", mremap(p, 0, PAGE, MREMAP_MAYMOVE));
  E("fixed unaligned", mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 90 * PAGE + 1));
  E("fixed beyond", mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)-PAGE));
  E("fixed overlap below", mremap(p + PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p));
  E("fixed overlap by growth", mremap(p, PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 2 * PAGE));
  E("huge", mremap(p, PAGE, -PAGE, MREMAP_MAYMOVE));
  E("not mapped", mremap(a + 100 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE));
  E("not mapped, shrink", mremap(a + 100 * PAGE, 2 * PAGE, PAGE, 0));
  E("unknown flag", mremap(p, PAGE, PAGE, 8));

  put("f", "x");
  int fd = open("f", O_RDWR);
  ftruncate(fd, 8 * PAGE);
  for (int i = 0; i < 8; i++) pwrite(fd, "01234567" + i, 1, i * PAGE);
  char *f = mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 2 * PAGE);
  f = mremap(f, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
  printf("file grows %c%c%c%c\n", f[0], f[PAGE], f[2 * PAGE], f[3 * PAGE]);
  f = mremap(f + PAGE, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 110 * PAGE);
  printf("part of a file %c%c%c\n", f[0], f[PAGE], f[2 * PAGE]);
  char *fp = mmap(0, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
  fp[0] = 'X';
  fp = mremap(fp, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, a + 120 * PAGE);
  printf("private copy moves %c%c\n", fp[0], fp[PAGE]);
  char *ro = mmap(0, 2 * PAGE, PROT_READ, ANON, -1, 0);
  ro = mremap(ro, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
  FAULT("protection moves", ro, ro[2 * PAGE] = 1);
  char *l = mmap(0, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
  l = mremap(l, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
  resident("locked grows", l, 4);
  printf("VmLck %s\n", field("/proc/self/status", "VmLck"));
  munmap(l, 4 * PAGE);
  // over two mappings
  char *m = place(32);
  mmap(m, PAGE, RW, ANON | MAP_FIXED, -1, 0);
  mmap(m + PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
  E("grow over two", mremap(m, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE));
  E("shrink over two", mremap(m, 2 * PAGE, PAGE, 0));
  where("first stays", m, m);
  where("second gone", m, m + PAGE);
  limit(RLIMIT_AS, 0);
  E("RLIMIT_AS", mremap(m, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  E("shrinking is free", mremap(a + 60 * PAGE, 4 * PAGE, PAGE, 0));
}
