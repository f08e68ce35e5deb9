// proc_pid_pagemap(5): which pages are present, which are of a file or shared, which are nobody else's; offsets and lengths are whole entries.
#include "t.h"
static int fd;
static void show(const char *label, char *p) {
  u64 e = 0;
  long r = pread(fd, &e, 8, (u64)p / PAGE * 8);
  printf("%s: %d present %d swapped %d file %d alone %d frame %d\n", label, (int)r, (int)(e >> 63 & 1), (int)(e >> 62 & 1), (int)(e >> 61 & 1), (int)(e >> 56 & 1),
         (e & 0x7fffffffffffff) != 0);
}
int main(void) {
  fd = must(open("/proc/self/pagemap", O_RDONLY));
  char *p = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  p[0] = 1;
  show("written", p);
  show("untouched", p + PAGE);
  char *s = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  s[0] = 1;
  show("shared", s);
  munmap(p, PAGE);
  show("unmapped", p);
  u64 e[2];
  V("half an entry", pread(fd, e, 4, 0));
  V("between entries", pread(fd, e, 8, 4));
  V("two entries", pread(fd, e, 16, 0));
  V("nothing", pread(fd, e, 0, 0));
  E("write", pwrite(fd, e, 8, 0));
}
