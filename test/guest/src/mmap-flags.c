// mmap(2): types, MAP_SHARED_VALIDATE, MAP_SYNC, MAP_FIXED and MAP_FIXED_NOREPLACE, hints, POPULATE, LOCKED, STACK, NORESERVE, descriptors, errors.
#include "mm.h"
#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif
int main(void) {
  char *a = place(64);
  E("length 0", mmap(a, 0, RW, ANON, -1, 0));
  E("no type", mmap(a, PAGE, RW, MAP_ANONYMOUS, -1, 0));
  E("bad type", mmap(a, PAGE, RW, 4 | MAP_ANONYMOUS, -1, 0));
  E("VALIDATE anonymous", mmap(a, PAGE, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0));
  E("huge length", mmap(0, -PAGE, RW, ANON, -1, 0));
  E("length that wraps", mmap(0, -1l, RW, ANON, -1, 0));
  E("more than the space", mmap(0, 1l << 62, PROT_NONE, ANON, -1, 0));
  E("unaligned offset", mmap(0, PAGE, RW, ANON, -1, 1));
  E("anonymous ignores the descriptor", mmap(0, PAGE, RW, ANON, 999, 0));
  E("fixed unaligned", mmap(a + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
  E("fixed at the end", mmap((void *)-PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
  E("noreplace unaligned", mmap(a + 1, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  E("fixed", mmap(a, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0));
  E("noreplace over all", mmap(a - PAGE, 6 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  E("noreplace wins over fixed", mmap(a, PAGE, RW, ANON | MAP_FIXED | MAP_FIXED_NOREPLACE, -1, 0));
  printf("noreplace below %d\n", mmap(a - PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == a - PAGE);
  where("joined", a, a);
  printf("free hint is taken %d\n", mmap(a + 20 * PAGE, PAGE, RW, ANON, -1, 0) == a + 20 * PAGE);
  printf("hint is rounded down %d\n", mmap(a + 22 * PAGE + 123, PAGE, RW, ANON, -1, 0) == a + 22 * PAGE);
  char *else_ = mmap(a, PAGE, RW, ANON, -1, 0);
  printf("used hint is not %d\n", else_ != a && (long)else_ > 0);
  char *p = mmap(0, 3 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
  resident("POPULATE", p, 3);
  p = mmap(0, 3 * PAGE, RW, ANON | MAP_POPULATE | MAP_NONBLOCK, -1, 0);
  resident("POPULATE NONBLOCK", p, 3);
  p = mmap(0, 3 * PAGE, PROT_NONE, ANON | MAP_POPULATE, -1, 0);
  resident("POPULATE PROT_NONE", p, 3);
  p = mmap(0, 3 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
  resident("LOCKED", p, 3);
  printf("locked kb %ld flag %d\n", smap(p, "Locked"), vmflag(p, "lo"));
  munmap(p, 3 * PAGE);
  p = mmap(0, 2 * PAGE, RW, ANON | MAP_STACK, -1, 0);
  printf("STACK grows down %d\n", vmflag(p, "gd"));
  p = mmap(a + 30 * PAGE, 2 * PAGE, RW, ANON | MAP_NORESERVE | MAP_FIXED, -1, 0);
  printf("NORESERVE accounted %d nr %d\n", vmflag(p, "ac"), vmflag(p, "nr"));
  p = mmap(a + 34 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
  printf("plain accounted %d\n", vmflag(p, "ac"));
  p = mmap(a + 37 * PAGE, 2 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
  printf("read only accounted %d\n", vmflag(p, "ac"));
  p = mmap(a + 40 * PAGE, 2 * PAGE, PROT_READ, SHANON | MAP_FIXED, -1, 0);
  printf("shared accounted %d\n", vmflag(p, "ac"));
  E("GROWSDOWN shared", mmap(0, PAGE, RW, SHANON | MAP_GROWSDOWN, -1, 0));

  put("f", "file");
  int rw = open("f", O_RDWR), ro = open("f", O_RDONLY), wo = open("f", O_WRONLY), dir = open(".", O_RDONLY), path = open("f", O_PATH);
  int pp[2];
  pipe(pp);
  E("closed descriptor", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 999, 0));
  E("O_PATH", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, path, 0));
  E("pipe", mmap(0, PAGE, PROT_READ, MAP_SHARED, pp[0], 0));
  E("directory", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, dir, 0));
  E("write only, private read", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, wo, 0));
  E("write only, shared write", mmap(0, PAGE, PROT_WRITE, MAP_SHARED, wo, 0));
  E("read only, shared write", mmap(0, PAGE, RW, MAP_SHARED, ro, 0));
  E("read only, private write", mmap(0, PAGE, RW, MAP_PRIVATE, ro, 0));
  E("read only, shared read", p = mmap(0, PAGE, PROT_READ, MAP_SHARED, ro, 0));
  printf("may become writable %d\n", vmflag(p, "mw"));
  E("mprotect writable", mprotect(p, PAGE, RW));
  E("VALIDATE", mmap(0, PAGE, RW, MAP_SHARED_VALIDATE, rw, 0));
  E("VALIDATE, unknown flag", mmap(0, PAGE, RW, MAP_SHARED_VALIDATE | 0x800000, rw, 0));
  E("SHARED, unknown flag", mmap(0, PAGE, RW, MAP_SHARED | 0x800000, rw, 0));
  E("SYNC", mmap(0, PAGE, RW, MAP_SHARED_VALIDATE | MAP_SYNC, rw, 0));
  E("SYNC not validated", mmap(0, PAGE, RW, MAP_SHARED | MAP_SYNC, rw, 0));
  E("no type of a file", mmap(0, PAGE, RW, 0, rw, 0));
  E("GROWSDOWN of a file", mmap(0, PAGE, RW, MAP_PRIVATE | MAP_GROWSDOWN, rw, 0));
  E("HUGETLB of a file", mmap(0, PAGE, RW, MAP_PRIVATE | MAP_HUGETLB, rw, 0));
  E("file unaligned offset", mmap(0, PAGE, RW, MAP_PRIVATE, rw, 100));
  E("offset overflow", mmap(0, 2 * PAGE, PROT_READ, MAP_PRIVATE, rw, 0x7ffffffffffff000));
  E("far beyond the end", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, rw, 1l << 40));
  p = mmap(0, 3 * PAGE, PROT_READ, MAP_SHARED | MAP_POPULATE, rw, 0);
  printf("POPULATE beyond the end %d\n", (long)p > 0);
  close(rw);
  printf("mapping outlives the descriptor %c\n", p[0]);
  int zero = open("/dev/zero", O_RDWR);
  char *z = mmap(0, PAGE, RW, MAP_PRIVATE, zero, 0), *zs = mmap(0, PAGE, RW, MAP_SHARED, zero, 0);
  z[0] = 1;
  zs[0] = 2;
  printf("/dev/zero %d %d %d\n", z[0], zs[0], zs[1]);
  E("prot bits unknown", mmap(0, PAGE, 0x40, ANON, -1, 0));
}
