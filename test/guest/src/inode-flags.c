// FS_IOC_SETFLAGS (chattr(1), ioctl_iflags(2)): immutable and append-only files and directories, who may set them, statx attributes.
#include "t.h"
#include <linux/fs.h>
#include <linux/capability.h>
static long flag(const char *path, int set, int clear) {
  int fd = open(path, O_RDONLY), f = 0;
  long r = ioctl(fd, FS_IOC_GETFLAGS, &f);
  if (r == 0) {
    f = (f | set) & ~clear;
    r = ioctl(fd, FS_IOC_SETFLAGS, &f);
  }
  close(fd);
  return r;
}
static void show(const char *path) {
  int fd = open(path, O_RDONLY), f = 0;
  long r = ioctl(fd, FS_IOC_GETFLAGS, &f);
  struct statx x;
  SC(statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &x);
  printf("%s: %s flags %x attributes %x\n", path, err(r), f, (int)x.stx_attributes & 0x70);
  close(fd);
}
static int user(void *a) {
  SC(setresuid, 7, 7, 7);
  E("append by the owner", flag("own", FS_APPEND_FL, 0));
  E("nodump by the owner", flag("own", FS_NODUMP_FL, 0));
  E("nodump by a stranger", flag("f", FS_NODUMP_FL, 0));
  return 0;
}
int main(void) {
  put("f", "text");
  put("own", "");
  chown("own", 7, 7);
  show("f");
  E("unknown flag", flag("f", 0x40000000, 0));
  E("immutable", flag("f", FS_IMMUTABLE_FL, 0));
  show("f");
  E("read", open("f", O_RDONLY));
  E("write", open("f", O_WRONLY));
  E("append", open("f", O_WRONLY | O_APPEND));
  E("truncate", truncate("f", 0));
  E("chmod", chmod("f", 0600));
  E("chown", chown("f", 1, 1));
  E("touch", SC(utimensat, AT_FDCWD, "f", NULL, 0));
  E("link", link("f", "f2"));
  E("rename", rename("f", "f3"));
  E("unlink", unlink("f"));
  E("xattr", SC(setxattr, "f", "user.x", "v", 1, 0));
  put("g", "");
  E("rename over", rename("g", "f"));
  E("mutable", flag("f", 0, FS_IMMUTABLE_FL));
  E("append-only", flag("f", FS_APPEND_FL, 0));
  E("write", open("f", O_WRONLY));
  E("O_TRUNC", open("f", O_WRONLY | O_APPEND | O_TRUNC));
  int fd = open("f", O_RDWR | O_APPEND);
  E("append", write(fd, "more", 4) == 4 ? 0 : -1);
  E("F_SETFL", fcntl(fd, F_SETFL, 0));
  E("ftruncate", ftruncate(fd, 0));
  E("fallocate", fallocate(fd, 0, 0, 10));
  E("punch a hole", fallocate(fd, 3, 0, 1));
  E("chmod", chmod("f", 0600));
  E("touch", SC(utimensat, AT_FDCWD, "f", NULL, 0));
  struct timespec ts[2] = { { 1, 0 }, { 1, 0 } };
  E("set times", SC(utimensat, AT_FDCWD, "f", ts, 0));
  E("unlink", unlink("f"));
  E("rename", rename("f", "f3"));
  cat("f", "f");
  close(fd);
  E("plain", flag("f", 0, FS_APPEND_FL));
  E("unlink", unlink("f"));
  mkdir("d", 0755);
  put("d/f", "x");
  E("directory immutable", flag("d", FS_IMMUTABLE_FL, 0));
  E("make", mkdir("d/e", 0755));
  E("create", open("d/new", O_CREAT | O_WRONLY, 0644));
  E("unlink", unlink("d/f"));
  E("rename", rename("d/f", "d/g"));
  E("write inside", open("d/f", O_WRONLY));
  E("directory append-only", flag("d", FS_APPEND_FL, FS_IMMUTABLE_FL));
  E("make", mkdir("d/e", 0755));
  E("unlink", unlink("d/f"));
  E("rename", rename("d/f", "d/g"));
  E("plain", flag("d", 0, FS_APPEND_FL));
  put("f", "");
  reap("user", spawn(user, 0));
  show("own");
}
