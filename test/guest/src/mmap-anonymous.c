// mmap(2): anonymous memory is zeroed, page aligned, and its errors.
#include "t.h"
int main(void) {
  char *p = mmap(0, 10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int sum = 0;
  for (int i = 0; i < 3 * PAGE; i++) sum |= p[i];
  printf("aligned %d zero %d\n", ((u64)p & (PAGE - 1)) == 0, sum == 0);
  E("zero length", mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  E("neither private nor shared", mmap(0, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
  E("bad fd", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
  E("offset not aligned", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 0, 5));
  E("fixed not aligned", mmap((char *)123, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  E("huge", mmap(0, 1ul << 62, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  E("fixed beyond user space", mmap((char *)(1ul << 62), PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  put("f", "hello");
  int r = open("f", O_RDONLY), w = open("f", O_WRONLY), d = open(".", O_RDONLY);
  E("shared writable of a read-only fd", mmap(0, PAGE, PROT_WRITE, MAP_SHARED, r, 0));
  E("private writable of a read-only fd", mmap(0, PAGE, PROT_WRITE | PROT_READ, MAP_PRIVATE, r, 0));
  E("of a write-only fd", mmap(0, PAGE, PROT_READ, MAP_SHARED, w, 0));
  E("of a directory", mmap(0, PAGE, PROT_READ, MAP_SHARED, d, 0));
  int pp[2];
  pipe(pp);
  E("of a pipe", mmap(0, PAGE, PROT_READ, MAP_SHARED, pp[0], 0));
  char *hint = (char *)0x20000000;
  printf("free hint is taken %d\n", mmap(hint, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == hint);
  printf("used hint is moved %d\n", mmap(hint, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != hint);
}
