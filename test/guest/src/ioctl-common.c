// ioctl(2): FIONBIO, FIOCLEX, FIONCLEX, FIONREAD on files, ENOTTY for others, EBADF.
#include "t.h"
int main(void) {
  int one = 1, zero = 0, n = -1, p[2];
  pipe(p);
  put("f", "0123456789");
  int f = open("f", O_RDWR);
  E("FIOCLEX", ioctl(f, FIOCLEX));
  V("fd flags", fcntl(f, F_GETFD));
  E("FIONCLEX", ioctl(f, FIONCLEX));
  V("fd flags", fcntl(f, F_GETFD));
  E("FIONBIO", ioctl(p[0], FIONBIO, &one));
  printf("nonblock %d\n", (fcntl(p[0], F_GETFL) & O_NONBLOCK) != 0);
  E("off", ioctl(p[0], FIONBIO, &zero));
  lseek(f, 4, 0);
  E("FIONREAD file", ioctl(f, FIONREAD, &n));
  printf("%d\n", n);
  E("TIOCGWINSZ pipe", ioctl(p[0], TIOCGWINSZ, &n));
  E("nonsense", ioctl(f, 0x1234, 0));
  E("bad fd", ioctl(99, FIONREAD, &n));
  E("FIOQSIZE-less dir", ioctl(open(".", O_RDONLY), TCGETS, &n));
}
