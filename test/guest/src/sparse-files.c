// write(2) past the end, ftruncate(2), fallocate(2): holes read as zeros, cost no blocks, and are found by SEEK_HOLE; punching makes them.
#include "t.h"
#include <linux/falloc.h>
static void blocks(const char *l, int fd) {
  struct stat st;
  fstat(fd, &st);
  printf("%s: size %ld blocks %ld\n", l, st.st_size, (long)st.st_blocks);
}
int main(void) {
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  pwrite(fd, "end", 3, 16 * PAGE);
  blocks("sparse", fd);
  char b[16];
  memset(b, 1, 16);
  V("read hole", pread(fd, b, 16, PAGE));
  printf("zero %d\n", b[0] == 0 && b[15] == 0);
  V("hole", lseek(fd, 0, 4));
  V("data", lseek(fd, 0, 3));
  V("hole after", lseek(fd, 16 * PAGE, 4));
  E("truncate down", ftruncate(fd, 10));
  blocks("short", fd);
  E("truncate up", ftruncate(fd, 5 * PAGE));
  blocks("long", fd);
  E("negative", ftruncate(fd, -1));
  E("allocate", fallocate(fd, 0, 0, 3 * PAGE));
  blocks("allocated", fd);
  for (int i = 0; i < 5; i++) pwrite(fd, "data", 4, i * PAGE);
  E("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, 2 * PAGE));
  blocks("punched", fd);
  V("hole", lseek(fd, 0, 4));
  V("data", lseek(fd, PAGE, 3));
  E("punch partial", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1, 2));
  pread(fd, b, 4, 0);
  printf("%c%d%d%c\n", b[0], b[1], b[2], b[3]);
  E("keep size", fallocate(fd, FALLOC_FL_KEEP_SIZE, 8 * PAGE, PAGE));
  struct stat st;
  fstat(fd, &st);
  printf("size %ld\n", st.st_size);
  E("punch without keep", fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, PAGE));
  E("length 0", fallocate(fd, 0, 0, 0));
  E("read-only fd", fallocate(open("f", O_RDONLY), 0, 0, 1));
  int p[2];
  pipe(p);
  E("pipe", fallocate(p[1], 0, 0, 1));
  E("truncate a dir", truncate("/tmp", 0));
  E("truncate by path", truncate("f", 3));
  blocks("three", fd);
}
