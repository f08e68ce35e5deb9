// pipe(7): 64 KiB by default, F_SETPIPE_SZ rounds up to pages, refuses less than what is queued; partial and atomic non-blocking writes.
#include "t.h"
int main(void) {
  int p[2];
  static char b[200000];
  pipe2(p, O_NONBLOCK);
  V("capacity", fcntl(p[0], F_GETPIPE_SZ));
  V("fill", write(p[1], b, sizeof b));
  E("full", write(p[1], b, 1));
  V("drain a little", read(p[0], b, 100));
  E("page not free", write(p[1], b, 4096));
  V("drain the page", read(p[0], b, 3996));
  V("drain another", read(p[0], b, 4096));
  V("atomic fits", write(p[1], b, 4096));
  V("large is partial", write(p[1], b, 100000));
  E("shrink below content", fcntl(p[1], F_SETPIPE_SZ, 4096));
  while (read(p[0], b, sizeof b) > 0);
  V("one byte", fcntl(p[1], F_SETPIPE_SZ, 1));
  V("fill", write(p[1], b, sizeof b));
  read(p[0], b, sizeof b);
  V("100000", fcntl(p[1], F_SETPIPE_SZ, 100000));
  V("fill", write(p[1], b, sizeof b));
  E("on a file", fcntl(open("f", O_RDWR | O_CREAT, 0600), F_GETPIPE_SZ));
  pipe(p);
  long pid = fork();
  if (pid == 0) {
    close(p[0]);
    V("big blocking write", write(p[1], b, 150000));
    exit(0);
  }
  close(p[1]);
  long sum = 0, r;
  while ((r = read(p[0], b, 7000)) > 0) sum += r;
  printf("read %ld\n", sum);
  reap("child", pid);
}
