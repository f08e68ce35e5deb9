// mprotect(2): splitting and joining areas, faults by protection, and the errors.
#include "t.h"
int main(void) {
  volatile char *p = mmap(0, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 5; i++) p[i * PAGE] = i;
  E("middle read-only", mprotect((void *)(p + 2 * PAGE), PAGE, PROT_READ));
  FAULT("write 1", (void *)p, p[PAGE] = 9);
  FAULT("write 2", (void *)p, p[2 * PAGE] = 9);
  FAULT("write 3", (void *)p, p[3 * PAGE] = 9);
  E("none over all", mprotect((void *)p, 5 * PAGE, PROT_NONE));
  FAULT("read 4", (void *)p, (void)p[4 * PAGE]);
  E("back", mprotect((void *)p, 5 * PAGE, PROT_READ | PROT_WRITE));
  printf("contents %d %d %d %d %d\n", p[0], p[PAGE], p[2 * PAGE], p[3 * PAGE], p[4 * PAGE]);
  munmap((void *)(p + 3 * PAGE), PAGE);
  E("over a hole", mprotect((void *)p, 5 * PAGE, PROT_READ));
  FAULT("part before the hole changed", (void *)p, p[0] = 9);
  FAULT("part after it did not", (void *)p, p[4 * PAGE] = 9);
  E("unaligned", mprotect((void *)(p + 1), PAGE, PROT_READ));
  E("length 0", mprotect((void *)p, 0, PROT_READ));
  E("bad protection", mprotect((void *)p, PAGE, 0x1000));
  put("f", "x");
  int fd = open("f", O_RDONLY);
  char *s = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  E("write on a read-only file's shared map", mprotect(s, PAGE, PROT_READ | PROT_WRITE));
}
