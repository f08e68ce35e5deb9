// Suite devices: COUNT requests of one kind to a disk (device or file), a stream, or a file of the host. `devices start` does nothing: what starting costs.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SIZE (64l << 20)
#define BLKFLSBUF 0x1261

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/** A fixed sequence that visits everything once in a while. */
static unsigned long next(void) {
  static unsigned long x = 88172645463325252ul;
  x ^= x << 13;
  x ^= x >> 7;
  return x ^= x << 17;
}

int main(int argc, char **argv) {
  if (argc < 2 || strcmp(argv[1], "start") == 0) return 0;
  // devices (read|write) (seq|rand) (direct|cached) SIZE COUNT FILE, or: devices stream SIZE COUNT
  if (strcmp(argv[1], "stream") == 0) {
    long size = atol(argv[2]), count = atol(argv[3]);
    char *line = malloc(size);
    memset(line, 'x', size);
    line[size - 1] = '\n';
    for (long i = 0; i < count; i++) if (write(1, line, size) != size) fail("write");
    return 0;
  }
  if (argc < 7) return 2;
  int writes = strcmp(argv[1], "write") == 0, random = strcmp(argv[2], "rand") == 0, direct = strcmp(argv[3], "direct") == 0;
  long size = atol(argv[4]), count = atol(argv[5]);
  int fd = open(argv[6], (writes ? O_RDWR : O_RDONLY) | (direct ? O_DIRECT : 0));
  if (fd < 0) fail(argv[6]);
  char *buffer;
  if (posix_memalign((void **)&buffer, 4096, size) != 0) fail("memory");
  memset(buffer, 'y', size);
  long end = lseek(fd, 0, SEEK_END);
  if (end > SIZE) end = SIZE;
  long blocks = end / size;
  for (long i = 0; i < count; i++) {
    long block = random ? (long)(next() % (unsigned long)blocks) : i % blocks;
    // A second pass shall come from the device again.
    if (!direct && !random && block == 0 && ioctl(fd, BLKFLSBUF, 0) != 0) posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (!direct && random && !writes && i % 64 == 0) posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    long n = writes ? pwrite(fd, buffer, size, block * size) : pread(fd, buffer, size, block * size);
    if (n != size) fail(writes ? "write" : "read");
  }
  if (writes && fsync(fd) != 0) fail("fsync");
  return 0;
}
