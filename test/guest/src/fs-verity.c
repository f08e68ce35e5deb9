// fs-verity (Documentation/filesystems/fsverity.rst): enabling, what is forbidden from then on, digest and metadata, and every error of the three ioctls.
// The digest is that of the empty salt: SHA-256 of the descriptor whose root hash is SHA-256 of the only block. Linux' tmpfs has no fs-verity.
// oracle: man
#include "t.h"
#include <linux/fs.h>
#include <linux/fsverity.h>

static char digest[4 + 64];
static unsigned char out[4096];

static long enable(int fd, unsigned version, unsigned hash, unsigned block, unsigned salt, unsigned sig) {
  struct fsverity_enable_arg e = { .version = version, .hash_algorithm = hash, .block_size = block, .salt_size = salt, .sig_size = sig };
  e.salt_ptr = e.sig_ptr = (unsigned long)out;
  return ioctl(fd, FS_IOC_ENABLE_VERITY, &e);
}

static long measure(int fd, int room) {
  ((unsigned short *)digest)[0] = 0;
  ((unsigned short *)digest)[1] = room;
  return ioctl(fd, FS_IOC_MEASURE_VERITY, digest);
}

static long metadata(int fd, unsigned long type, unsigned long offset, unsigned long length, unsigned long reserved) {
  struct fsverity_read_metadata_arg m = { type, offset, length, (unsigned long)out, reserved };
  return ioctl(fd, FS_IOC_READ_VERITY_METADATA, &m);
}

static void hex(const char *label, const unsigned char *b, int n) {
  char line[256], *p = line;
  for (int i = 0; i < n; i++) {
    *p++ = "0123456789abcdef"[b[i] >> 4];
    *p++ = "0123456789abcdef"[b[i] & 15];
  }
  *p = 0;
  printf("%s: %s\n", label, line);
}

int main(void) {
  int w = openat(AT_FDCWD, "f", O_CREAT | O_RDWR, 0644);
  write(w, "hello\n", 6);
  int r = openat(AT_FDCWD, "f", O_RDONLY, 0);
  E("not yet", measure(r, 32));
  E("metadata not yet", metadata(r, 2, 0, 10, 0));
  E("somebody writes", enable(r, 1, 1, 4096, 0, 0));
  E("through the writer", enable(w, 1, 1, 4096, 0, 0));
  close(w);

  E("version 2", enable(r, 2, 1, 4096, 0, 0));
  E("block of 3000", enable(r, 1, 1, 3000, 0, 0));
  E("no such hash", enable(r, 1, 99, 4096, 0, 0));
  E("long salt", enable(r, 1, 1, 4096, 33, 0));
  E("long signature", enable(r, 1, 1, 4096, 0, 20000));
  E("bad address", ioctl(r, FS_IOC_ENABLE_VERITY, 8));
  int d = openat(AT_FDCWD, ".", O_RDONLY, 0);
  E("directory", enable(d, 1, 1, 4096, 0, 0));

  E("enable", enable(r, 1, 1, 4096, 0, 0));
  E("again", enable(r, 1, 1, 4096, 0, 0));
  E("open for writing", openat(AT_FDCWD, "f", O_WRONLY, 0));
  E("open for both", openat(AT_FDCWD, "f", O_RDWR, 0));
  E("O_TRUNC", openat(AT_FDCWD, "f", O_RDONLY | O_TRUNC, 0));
  E("truncate", SC(truncate, "f", 3));
  E("chmod", SC(fchmodat, AT_FDCWD, "f", 0600));
  E("rename", SC(renameat2, AT_FDCWD, "f", AT_FDCWD, "g", 0));
  long flags = 0;
  ioctl(r, FS_IOC_GETFLAGS, &flags);
  V("FS_VERITY_FL", (flags & 0x100000) != 0);
  flags = 0x40;
  E("other flags", ioctl(r, FS_IOC_SETFLAGS, &flags));
  ioctl(r, FS_IOC_GETFLAGS, &flags);
  V("flags", flags);
  E("read", SC(pread64, r, out, 100, 0));

  E("measure, no room", measure(r, 31));
  E("measure", measure(r, 64));
  V("algorithm", ((unsigned short *)digest)[0]);
  V("size", ((unsigned short *)digest)[1]);
  hex("digest", (unsigned char *)digest + 4, 32);

  E("descriptor", metadata(r, 2, 0, 4096, 0));
  hex("head", out, 48);
  E("part", metadata(r, 2, 250, 100, 0));
  E("behind", metadata(r, 2, 256, 100, 0));
  E("tree of one block", metadata(r, 1, 0, 4096, 0));
  E("signature", metadata(r, 3, 0, 4096, 0));
  E("no such type", metadata(r, 9, 0, 4096, 0));
  E("reserved", metadata(r, 2, 0, 10, 1));
  E("removed like any file", SC(unlinkat, AT_FDCWD, "g", 0));
  return 0;
}
