// pipe(7): order, short reads, EOF after the last writer, blocking, O_NONBLOCK, FIONREAD, stat, wrong-end access.
#include "t.h"
int main(void) {
  int p[2], n;
  char b[16] = "";
  E("pipe", pipe(p));
  printf("%d %d\n", p[0], p[1]);
  write(p[1], "abc", 3);
  write(p[1], "defg", 4);
  ioctl(p[0], FIONREAD, &n);
  printf("queued %d\n", n);
  V("short", read(p[0], b, 2));
  V("rest", read(p[0], b + 2, 10));
  printf("%s\n", b);
  E("read the write end", read(p[1], b, 1));
  E("write the read end", write(p[0], b, 1));
  V("read 0", read(p[0], b, 0));
  fcntl(p[0], F_SETFL, O_NONBLOCK);
  E("empty", read(p[0], b, 1));
  fcntl(p[0], F_SETFL, 0);
  long pid = fork();
  if (pid == 0) {
    msleep(10);
    write(p[1], "late", 4);
    exit(0);
  }
  V("blocked until", read(p[0], b, 16));
  reap("child", pid);
  write(p[1], "last", 4);
  close(p[1]);
  V("after close", read(p[0], b, 16));
  V("eof", read(p[0], b, 16));
  V("eof again", read(p[0], b, 16));
  pipe(p);
  int d = dup(p[1]);
  close(p[1]);
  pid = fork();
  if (pid == 0) {
    close(p[0]);
    msleep(10);
    exit(0);
  }
  close(d);
  V("eof when the child ends", read(p[0], b, 1));
  reap("child", pid);
}
