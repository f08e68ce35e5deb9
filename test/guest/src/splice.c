// splice(2), tee(2), vmsplice(2).
#include "net.h"
#include <linux/uio.h>
int main(void) {
  int p[2], q[2], s[2];
  char b[64];
  SC(pipe2, p, 0);
  SC(pipe2, q, 0);
  socketpair(SOCK_STREAM, s);
  put("file", "0123456789");
  int f = open("file", O_RDWR);
  V("file to pipe", SC(splice, f, 0, p[1], 0, 4, 0));
  printf("offset %ld\n", lseek(f, 0, 1));
  long off = 6;
  V("with offset", SC(splice, f, &off, p[1], 0, 100, 0));
  printf("off %ld offset %ld\n", off, lseek(f, 0, 1));
  V("at the end", SC(splice, f, &off, p[1], 0, 100, 0));
  V("tee", SC(tee, p[0], q[1], 3, 0));
  V("tee again", SC(tee, p[0], q[1], 100, 0));
  long n = read(q[0], b, 64);
  printf("%ld %.*s\n", n, (int)n, b);
  V("pipe to pipe", SC(splice, p[0], 0, q[1], 0, 2, 0));
  V("pipe to socket", SC(splice, p[0], 0, s[0], 0, 100, 0));
  n = read(s[1], b, 64);
  printf("%ld %.*s\n", n, (int)n, b);
  off = 2;
  V("pipe to file", SC(splice, q[0], 0, f, &off, 100, 0));
  n = SC(pread64, f, b, 64, 0);
  printf("%ld %.*s off %ld\n", n, (int)n, b, off);
  E("empty", SC(splice, q[0], 0, f, 0, 1, 2));
  E("offset of a pipe", SC(splice, q[0], &off, f, 0, 1, 0));
  E("no pipe", SC(splice, f, 0, s[0], 0, 1, 0));
  E("same pipe", SC(splice, p[0], 0, p[1], 0, 1, 0));
  E("bad flags", SC(splice, f, 0, p[1], 0, 1, 99));
  E("nothing", SC(splice, f, 0, p[1], 0, 0, 0));
  E("wrong ends", SC(splice, f, 0, p[0], 0, 1, 0));
  E("bad fd", SC(splice, 77, 0, p[1], 0, 1, 0));
  struct iovec v[2] = { { "ab", 2 }, { "cd", 2 } };
  V("vmsplice", SC(vmsplice, p[1], v, 2, 0));
  n = read(p[0], b, 64);
  printf("%ld %.*s\n", n, (int)n, b);
  E("vmsplice no pipe", SC(vmsplice, f, v, 2, 0));
  V("socket to pipe", (write(s[1], "sock", 4), SC(splice, s[0], 0, p[1], 0, 100, 0)));
  close(p[1]);
  V("rest", SC(splice, p[0], 0, f, 0, 100, 0));
  V("end", SC(splice, p[0], 0, f, 0, 100, 0));
  close(q[0]);
  sigact(SIGPIPE, SIG_IGN, 0, 0);
  E("broken", (off = 0, SC(splice, f, &off, q[1], 0, 1, 0)));
}
