// getrlimit(2): RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_MEMLOCK and what each refuses: mmap, brk, mremap, mprotect, stack growth.
#include "mm.h"
static u64 kb(const char *key) { return atol(field("/proc/self/status", key)); }
static int deep(int n) { volatile char b[4096]; b[0] = n; return n == 0 ? b[0] : deep(n - 1) + b[0]; }
static int as(void *x) {
  char *p = mmap(place(8), 4 * PAGE, RW, ANON, -1, 0);
  limit(RLIMIT_AS, kb("VmSize") * KB + 4 * PAGE);
  E("AS mmap within", mmap(0, 4 * PAGE, RW, ANON, -1, 0));
  E("AS mmap above", mmap(0, PAGE, PROT_NONE, ANON, -1, 0));
  E("AS replace", mmap(p, 4 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
  E("AS mremap", mremap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
  long b = brk(0);
  printf("AS brk moves %d\n", brk(b + PAGE) == b + PAGE);
  munmap(p, PAGE);
  E("AS after munmap", mmap(0, PAGE, RW, ANON, -1, 0));
  long pid = fork();
  if (pid == 0) exit(3);
  reap("AS fork", pid);
  return 0;
}
static int data(void *x) {
  char *ro = mmap(0, 4 * PAGE, PROT_READ, ANON, -1, 0);
  limit(RLIMIT_DATA, kb("VmData") * KB + 2 * PAGE);
  E("DATA read only", mmap(0, 8 * PAGE, PROT_READ, ANON, -1, 0));
  E("DATA shared", mmap(0, 8 * PAGE, RW, SHANON, -1, 0));
  E("DATA private above", mmap(0, 3 * PAGE, RW, ANON, -1, 0));
  E("DATA private within", mmap(0, 2 * PAGE, RW, ANON, -1, 0));
  E("DATA mprotect", mprotect(ro, PAGE, RW));
  long b = brk(0);
  printf("DATA brk moves %d\n", brk(b + PAGE) == b + PAGE);
  E("DATA file private", ({ put("f", "x"); mmap(0, PAGE, RW, MAP_PRIVATE, open("f", O_RDWR), 0); }));
  return 0;
}
static int stack(void *x) {
  limit(RLIMIT_STACK, 64 * KB);
  printf("within %d\n", deep(4));
  deep(40);
  return 0;
}
static int heap(void *x) {
  long b = brk(0);
  printf("brk down below start %d\n", brk(8) == b);
  printf("brk up %d\n", brk(b + 3 * PAGE) == b + 3 * PAGE);
  char *p = (char *)((b + PAGE - 1) & -PAGE);
  p[PAGE] = 1;
  printf("brk odd %d\n", brk(b + PAGE + 7) == b + PAGE + 7);
  printf("brk back %d\n", brk(b) == b);
  printf("brk up again %d\n", brk(b + 3 * PAGE) == b + 3 * PAGE);
  printf("zero %d\n", p[PAGE]);
  long top = (brk(0) + PAGE - 1) & -PAGE;
  mmap((void *)(top + PAGE), PAGE, RW, ANON | MAP_FIXED, -1, 0);
  printf("brk into a mapping %d\n", brk(top + 3 * PAGE) == top + 3 * PAGE);
  printf("brk up to it %d\n", brk(top + PAGE) == top + PAGE);
  printf("brk huge %d\n", brk(1l << 50) == top + PAGE);
  return 0;
}
int main(void) {
  reap("as", spawn(as, 0));
  reap("data", spawn(data, 0));
  reap("stack", spawn(stack, 0));
  reap("heap", spawn(heap, 0));
}
