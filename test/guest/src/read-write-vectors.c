// readv(2): gather and scatter, zero entries, IOV_MAX, negative lengths; preadv2/pwritev2 with offsets and flags.
#include "t.h"
#include <linux/fs.h>
int main(void) {
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  struct iovec v[3] = { { "abc", 3 }, { "", 0 }, { "defgh", 5 } };
  V("writev", writev(fd, v, 3));
  char a[4] = "", b[8] = "";
  struct iovec r[2] = { { a, 3 }, { b, 7 } };
  lseek(fd, 1, 0);
  V("readv", readv(fd, r, 2));
  printf("%s %s\n", a, b);
  V("no vectors", readv(fd, r, 0));
  E("too many", readv(fd, r, 1025));
  E("negative count", readv(fd, r, -1));
  struct iovec bad[2] = { { a, 1 }, { b, -1ul } };
  E("negative length", readv(fd, bad, 2));
  V("preadv", SC(preadv, fd, r, 2, 2, 0));
  printf("%s\n", a);
  V("pwritev", SC(pwritev, fd, v, 1, 6, 0));
  cat("f", "f");
  V("offset", lseek(fd, 0, 1));
  V("preadv2 at -1 uses the offset", (lseek(fd, 4, 0), SC(preadv2, fd, r, 1, -1, -1, 0)));
  V("offset", lseek(fd, 0, 1));
  V("pwritev2 append", SC(pwritev2, fd, v, 1, 0, 0, RWF_APPEND));
  cat("f", "f");
  E("bad flag", SC(preadv2, fd, r, 1, 0, 0, 0x10000000));
  E("pread negative", pread(fd, a, 1, -1));
  int p[2];
  pipe(p);
  E("pread pipe", pread(p[0], a, 1, 0));
  E("pwrite pipe", pwrite(p[1], a, 1, 0));
  V("read huge count", pread(fd, mmap(0, MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), MB, 0));
}
