// Bad pointers answer EFAULT before any effect; buffers that begin well and end badly give the short count or EFAULT as Linux does.
#include "t.h"
int main(void) {
  char *ro = mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *m = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(m + PAGE, PAGE);
  char *edge = m + PAGE - 10;
  memset(edge, 'e', 10);
  put("f", "0123456789abcdefghij");
  int fd = open("f", O_RDWR), p[2];
  pipe(p);
  E("read to null", read(fd, 0, 5));
  V("offset", lseek(fd, 0, 1));
  E("read to read-only", read(fd, ro, 5));
  V("read over the edge", read(fd, edge, 20));
  V("offset", lseek(fd, 0, 1));
  E("write from null", write(fd, 0, 5));
  V("write over the edge", pwrite(fd, edge, 20, 0));
  cat("file", "f");
  V("pipe write over the edge", write(p[1], edge, 20));
  V("null, length 0", write(fd, 0, 0));
  E("kernel half", read(fd, (char *)0xffffffff80000000, 5));
  E("wrapping", write(fd, (char *)-8, 16));
  strcpy(edge, "nofile");
  E("path at the edge", open(edge, O_RDONLY));
  memset(edge, 'e', 10);
  E("path over the edge", open(edge, O_RDONLY));
  E("stat to null", stat_("f", (struct stat *)0));
  E("pipe to null", pipe((int *)8));
  V("next fd", dup(0));
  E("uname", SC(uname, 8));
  E("nanosleep", nanosleep((struct timespec *)8, 0));
  E("sigaction", SC(rt_sigaction, SIGUSR1, 8, 0, 8));
  E("getcwd", getcwd((char *)8, 100));
  struct iovec v[2] = { { "ab", 2 }, { (void *)8, 2 } };
  V("writev, second bad", writev(fd, v, 2));
  v[0].iov_base = (void *)8;
  E("writev, first bad", writev(fd, v, 2));
  E("writev, vector bad", writev(fd, (struct iovec *)8, 2));
}
