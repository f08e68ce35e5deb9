// fcntl(2): F_GETFL/F_SETFL change only the status flags; F_GETFD/F_SETFD; unknown commands.
#include "t.h"
#define KEEP (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT | O_EXCL | O_TRUNC)
static void show(const char *l, int fd) {
  long f = fcntl(fd, F_GETFL);
  printf("%s: mode %ld append %d nonblock %d others %lx\n", l, f & 3, (f & O_APPEND) != 0, (f & O_NONBLOCK) != 0,
         f & KEEP & ~(3 | O_APPEND | O_NONBLOCK));
}
int main(void) {
  int fd = open("f", O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_APPEND, 0644), p[2];
  show("file", fd);
  E("set", fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK | O_CREAT));
  show("file", fd);
  pipe2(p, O_NONBLOCK);
  show("read end", p[0]);
  show("write end", p[1]);
  E("set fd", fcntl(fd, F_SETFD, 0xff));
  V("get fd", fcntl(fd, F_GETFD));
  E("unknown", fcntl(fd, 9999, 0));
  E("closed", fcntl(77, F_GETFL));
  V("owner", fcntl(p[0], F_GETOWN));
  E("pipe2 bad flags", pipe2(p, O_APPEND));
}
