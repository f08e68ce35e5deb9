// dup(2), fcntl(2): lowest free number, shared offset, own FD_CLOEXEC, dup3's flags and errors.
#include "t.h"
int main(void) {
  put("f", "0123456789");
  int a = open("f", O_RDWR | O_CLOEXEC), b = dup(a);
  printf("%d %d cloexec %ld %ld\n", a, b, fcntl(a, F_GETFD), fcntl(b, F_GETFD));
  lseek(a, 4, 0);
  V("shared offset", lseek(b, 0, 1));
  V("dup3", dup3(a, 10, O_CLOEXEC));
  printf("cloexec %ld\n", fcntl(10, F_GETFD));
  E("dup3 same", dup3(a, a, 0));
  E("dup3 flags", dup3(a, 11, O_APPEND));
  E("dup3 of closed", dup3(50, 11, 0));
  E("dup of closed", dup(50));
  E("dup3 negative", dup3(a, -1, 0));
  V("F_DUPFD 20", fcntl(a, F_DUPFD, 20));
  V("F_DUPFD 20", fcntl(a, F_DUPFD, 20));
  V("F_DUPFD_CLOEXEC", fcntl(a, F_DUPFD_CLOEXEC, 0));
  E("F_DUPFD beyond the limit", fcntl(a, F_DUPFD, 1 << 30));
  E("F_DUPFD negative", fcntl(a, F_DUPFD, -1));
  close(a);
  V("lowest", dup(b));
  E("close twice", (close(b), close(b)));
  E("close -1", close(-1));
  struct {
    u64 cur, max;
  } rl = { 12, 4096 };
  prlimit(0, RLIMIT_NOFILE, &rl, 0);
  int n = 0;
  long r;
  while ((r = dup(0)) >= 0) n++;
  printf("NOFILE: %d more, then %s\n", n, err(r));
  int p[2];
  E("pipe", pipe(p));
  E("open", open("f", O_RDONLY));
  E("dup3 above", dup3(0, 12, 0));
}
