// mmap(2), ftruncate(2): shrinking a file takes mapped pages away (SIGBUS), private copies included; growing gives zeros.
#include "t.h"
int main(void) {
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 2 * PAGE);
  volatile char *s = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
                *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  s[PAGE] = 1;
  s[10] = 2;
  s[3000] = 3;
  p[PAGE] = 4;
  ftruncate(fd, 100);
  FAULT("shared, gone", (char *)s, (void)s[PAGE]);
  FAULT("private copy, gone", (char *)p, (void)p[PAGE]);
  printf("kept %d cut %d\n", s[10], s[3000]);
  ftruncate(fd, 2 * PAGE);
  FAULT("grown", (char *)s, (void)s[PAGE]);
  printf("zeros %d %d\n", s[PAGE], p[PAGE]);
}
