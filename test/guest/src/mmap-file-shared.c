// mmap(2): a shared file mapping and read/write see each other at once, across processes; bytes past the end are not written to the file.
#include "t.h"
int main(void) {
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  write(fd, "0123456789", 10);
  char *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), b[16] = "";
  p[3] = 'M';
  pread(fd, b, 10, 0);
  printf("read sees %s\n", b);
  pwrite(fd, "W", 1, 5);
  printf("map sees %s\n", p);
  p[20] = 'z';
  struct stat st;
  fstat(fd, &st);
  printf("size %ld\n", st.st_size);
  ftruncate(fd, 30);
  pread(fd, b, 1, 20);
  long pid = fork();
  if (pid == 0) {
    p[0] = 'C';
    exit(0);
  }
  reap("child", pid);
  printf("parent map %s\n", p);
  E("msync", SC(msync, p, PAGE, MS_SYNC));
  cat("file", "f");
  E("msync both", SC(msync, p, PAGE, MS_SYNC | MS_ASYNC));
  E("msync unaligned", SC(msync, p + 1, PAGE, MS_SYNC));
  munmap(p, PAGE);
  E("msync unmapped", SC(msync, p, PAGE, MS_SYNC));
}
