// mmap(2): a private file mapping shows the file, keeps writes to itself; untouched pages follow later writes to the file; the tail is
// zero.
#include "t.h"
int main(void) {
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  char b[16] = "";
  ftruncate(fd, PAGE);
  pwrite(fd, "first", 5, 0);
  pwrite(fd, "second page", 11, PAGE);
  char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  printf("%s / %s / tail %d\n", p, p + PAGE, p[PAGE + 100]);
  p[0] = 'F';
  pread(fd, b, 5, 0);
  printf("file %s map %s\n", b, p);
  pwrite(fd, "FILE", 4, 0);
  pwrite(fd, "SEC", 3, PAGE);
  printf("touched page %s, untouched page %s\n", p, p + PAGE);
  close(fd);
  unlink("f");
  printf("after unlink %s\n", p + PAGE);
  fd = open("g", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 3 * PAGE);
  pwrite(fd, "third", 5, 2 * PAGE);
  p = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
  printf("offset %s\n", p);
}
