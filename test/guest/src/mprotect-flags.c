// mprotect(2): growing mappings, ranges with holes, limits of files, si_code of what follows.
#include "mm.h"
int main(void) {
  char *a = place(700);
  char *p = mmap(a, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
  memset(p, 1, 8 * PAGE);
  E("unaligned", mprotect(p + 1, PAGE, PROT_READ));
  E("length 0", mprotect(p, 0, PROT_READ));
  E("length 0 unaligned", mprotect(p + 1, 0, PROT_READ));
  E("length 0 unmapped", mprotect(a + 100 * PAGE, 0, PROT_READ));
  E("unmapped", mprotect(a + 100 * PAGE, PAGE, PROT_READ));
  E("wraps", mprotect(p, -PAGE, PROT_READ));
  E("unknown bits", mprotect(p, PAGE, 0x40));
  E("both growths", mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP));
  E("growsdown of a plain one", mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN));
  E("growsup of a plain one", mprotect(p, PAGE, PROT_READ | PROT_GROWSUP));
  E("PROT_SEM", mprotect(p, PAGE, PROT_READ | PROT_WRITE | 8));
  E("length is rounded up", mprotect(p, 1, PROT_READ));
  FAULT("write", p, p[5] = 1);
  FAULT("read", p, LOOK(p + 5));
  E("none", mprotect(p + PAGE, PAGE, PROT_NONE));
  FAULT("read of none", p, LOOK(p + PAGE));
  FAULT("write of none", p, p[PAGE] = 1);
  where("part 1", a, p);
  where("part 2", a, p + PAGE);
  where("part 3", a, p + 2 * PAGE);
  E("all back", mprotect(p, 8 * PAGE, RW));
  where("one", a, p);
  printf("contents stay %d %d\n", p[0], p[PAGE]);
  munmap(p + 4 * PAGE, PAGE);
  E("over a hole", mprotect(p, 8 * PAGE, PROT_READ));
  where("up to the hole", a, p);
  where("behind the hole", a, p + 5 * PAGE);
  E("from a hole", mprotect(p + 4 * PAGE, 2 * PAGE, PROT_READ));
  mprotect(p, 4 * PAGE, RW);
  // write only and execute only
  E("write only", mprotect(p, PAGE, PROT_WRITE));
  FAULT("write only reads", p, LOOK(p));
  // a growing mapping
  char *g = mmap(a + 600 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
  g[-PAGE] = 1;
  E("GROWSDOWN from its top page", mprotect(g + PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
  FAULT("the lowest page, too", g, g[-PAGE] = 2);
  // files
  put("f", "x");
  int ro = open("f", O_RDONLY), rw = open("f", O_RDWR);
  char *s = mmap(0, PAGE, PROT_READ, MAP_SHARED, ro, 0), *v = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, ro, 0), *w = mmap(0, PAGE, PROT_NONE, MAP_SHARED, rw, 0);
  E("shared of a read-only descriptor", mprotect(s, PAGE, RW));
  E("private of a read-only descriptor", mprotect(v, PAGE, RW));
  E("shared of a writable descriptor", mprotect(w, PAGE, RW));
  w[0] = 'W';
  v[0] = 'V';
  printf("%c %c\n", s[0], v[0]);
  // accounting follows
  char *n = mmap(0, PAGE, PROT_READ, ANON, -1, 0);
  printf("accounted %d", vmflag(n, "ac"));
  mprotect(n, PAGE, RW);
  printf(" writable %d", vmflag(n, "ac"));
  mprotect(n, PAGE, PROT_READ);
  printf(" read only again %d\n", vmflag(n, "ac"));
}
