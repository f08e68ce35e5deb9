// write(2), read(2): megabytes through a file with a checksum, overlapping rewrites, reading back by odd sizes; a pipe with a checksum.
#include "t.h"
static u32 sum(u32 s, const u8 *p, long n) {
  while (n--) s = s * 31 + *p++;
  return s;
}
int main(void) {
  u8 *b = mmap(0, 3 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  u32 x = 1;
  for (long i = 0; i < 3 * MB; i++) {
    x = x * 1103515245 + 12345;
    b[i] = x >> 16;
  }
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  V("write", write(fd, b, 3 * MB));
  pwrite(fd, b + 5000, 10000, 777);
  memmove(b + 777, b + 5000, 10000);
  u32 want = sum(7, b, 3 * MB), got = 7;
  u8 *r = malloc(70000);
  long n, k = 1;
  lseek(fd, 0, 0);
  while ((n = read(fd, r, k)) > 0) {
    got = sum(got, r, n);
    k = k * 3 % 65537 + 1;
  }
  printf("file same %d\n", want == got);
  u8 *m = mmap(0, 3 * MB, PROT_READ, MAP_SHARED, fd, 0);
  printf("map same %d\n", sum(7, m, 3 * MB) == want);
  int p[2];
  pipe(p);
  long pid = fork();
  if (pid == 0) {
    close(p[0]);
    for (long at = 0; at < 3 * MB;) {
      n = write(p[1], b + at, at % 9000 + 1 < 3 * MB - at ? at % 9000 + 1 : 3 * MB - at);
      at += n;
    }
    exit(0);
  }
  close(p[1]);
  got = 7;
  while ((n = read(p[0], r, 7001)) > 0) got = sum(got, r, n);
  printf("pipe same %d\n", want == got);
  reap("child", pid);
}
