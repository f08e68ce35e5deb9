// open(2) O_PATH: a handle that cannot read or write but serves as directory, for fstat, dup, and /proc/self/fd.
#include "t.h"
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
int main(void) {
  char c;
  put("f", "content");
  mkdir("d", 0755);
  put("d/x", "inner");
  int fd = open("f", O_PATH), d = open("d", O_PATH | O_DIRECTORY);
  E("read", read(fd, &c, 1));
  E("write", write(fd, "x", 1));
  E("lseek", lseek(fd, 0, 0));
  E("fchmod", fchmod(fd, 0600));
  E("ioctl", ioctl(fd, FIONREAD, &c));
  E("mmap", mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0));
  struct stat st;
  E("fstat", fstat(fd, &st));
  E("fstatat empty", fstatat(fd, "", &st, AT_EMPTY_PATH));
  E("empty without the flag", fstatat(fd, "", &st, 0));
  E("dup", dup(fd));
  printf("flags %d\n", (fcntl(fd, F_GETFL) & O_PATH) != 0);
  E("openat", openat(d, "x", O_RDONLY));
  E("getdents", getdents(d, &c, 1));
  E("fchdir", fchdir(d));
  cat("inside", "x");
  chmod("../f", 0);
  char path[32];
  snprintf(path, 32, "/proc/self/fd/%d", fd);
  cat("reopened", path);
  symlink("x", "s");
  int l = open("s", O_PATH | O_NOFOLLOW);
  snprintf(path, 32, "/proc/self/fd/%d", l);
  E("reopen a symlink's handle", open(path, O_RDONLY));
}
