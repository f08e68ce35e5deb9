// fuse(4), Documentation/filesystems/fuse.rst: a file system that a process serves: names, contents, attributes, links, directories, mappings, errors of the server,
// umount as the end of the server, /proc/mounts.
#include "fused.h"
#define SEEK_END 2
#define SEEK_DATA 3
#define SEEK_HOLE 4

static void names_in(const char *dir) {
  static char b[4096];
  long fd = must(open(dir, O_RDONLY | O_DIRECTORY)), n;
  int count = 0;
  while ((n = getdents(fd, b, sizeof b)) > 0) for (long i = 0; i < n; i += ((struct dirent64 *)(b + i))->d_reclen) {
    struct dirent64 *d = (void *)(b + i);
    printf("  %s type %d\n", d->d_name, d->d_type);
    count++;
  }
  printf("%s: %d names, end %ld\n", dir, count, n);
  close(fd);
}

static void mounts_line(void) {
  static char b[16384];
  slurp("/proc/mounts", b, sizeof b);
  char *line = strstr(b, "source /tmp/w/m ");
  if (line) { *strchr(line, '\n') = 0; printf("mounts: %s\n", line); }
  else printf("mounts: no line\n");
}

int main(void) {
  static char b[200000];
  struct stat st;
  struct { long type, bsize, blocks, bfree, bavail, files, ffree, fsid, namelen, frsize, flags, spare[4]; } fs;
  fuse_prepare();
  ctl->wanted = FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES;
  long server = fuse_start("");
  E("stat of the root", stat_("m", &st));
  printf("root mode %o nlink %ld, offered minor at least 31: %d\n", st.st_mode, (long)st.st_nlink, ctl->minor >= 31);
  mounts_line();

  // Names and contents.
  long fd = open("m/a", O_RDWR | O_CREAT | O_EXCL, 0640);
  E("create", fd);
  V("write", write(fd, "hello, server", 13));
  V("pread", pread(fd, b, 100, 7));
  b[6] = 0;
  printf("read back %s\n", b);
  V("read at the end", pread(fd, b, 100, 13));
  for (long i = 0; i < (long)sizeof b; i++) b[i] = i * 7;
  V("large write", pwrite(fd, b, 150000, 1000));
  memset(b, 0, sizeof b);
  V("large read", pread(fd, b, sizeof b, 1000));
  int same = 1;
  for (long i = 0; i < 150000; i++) if (b[i] != (char)(i * 7)) same = 0;
  printf("same %d, size at the server %ld\n", same, (long)nodes[2].size);
  E("beyond its space", pwrite(fd, b, 1, DATA));
  E("truncate", ftruncate(fd, 10));
  E("fstat", fstat(fd, &st));
  printf("size %ld mode %o\n", (long)st.st_size, st.st_mode);
  V("seek to the end", lseek(fd, 0, SEEK_END));
  E("close", close(fd));
  printf("flushed %d\n", ctl->seen[FUSE_FLUSH]);
  E("again with O_EXCL", open("m/a", O_RDWR | O_CREAT | O_EXCL, 0640));
  fd = open("m/a", O_WRONLY | O_APPEND);
  V("append", write(fd, "++", 2));
  V("append", write(fd, "--", 2));
  close(fd);
  cat("a", "m/a");
  fd = open("m/a", O_WRONLY | O_TRUNC);
  printf("O_TRUNC went along: %d, size %ld\n", (ctl->last_flags & O_TRUNC) != 0, (long)nodes[2].size);
  write(fd, "new", 3);
  close(fd);
  cat("a", "m/a");

  // Directories, links, moves.
  E("mkdir", mkdir("m/d", 0777));
  stat_("m/d", &st);
  printf("umask: %o\n", st.st_mode);
  E("mkdir again", mkdir("m/d", 0777));
  E("mknod", mknod("m/d/fifo", S_IFIFO | 0600, 0));
  E("symlink", symlink("../a", "m/d/link"));
  memset(b, 0, 100);
  V("readlink", readlink("m/d/link", b, 100));
  cat("through the link", "m/d/link");
  E("link", link("m/a", "m/d/hard"));
  stat_("m/a", &st);
  printf("links %ld\n", (long)st.st_nlink);
  E("rename", rename("m/a", "m/d/moved"));
  E("old name", open("m/a", O_RDONLY));
  cat("new name", "m/d/moved");
  E("rename over", rename("m/d/moved", "m/d/fifo"));
  cat("over", "m/d/fifo");
  names_in("m/d");
  E("rmdir, full", rmdir("m/d"));
  E("unlink", unlink("m/d/link"));
  E("unlink", unlink("m/d/link"));
  E("unlink a directory", unlink("m/d"));
  E("into another file system", rename("m/d/hard", "outside"));

  // Open and gone: the server keeps it, as long as it is open.
  fd = open("m/d/hard", O_RDWR);
  E("unlink open", unlink("m/d/hard"));
  E("unlink open", unlink("m/d/fifo"));
  V("still", pread(fd, b, 10, 0));
  close(fd);
  E("rmdir", rmdir("m/d"));
  names_in("m");

  // Mappings.
  fd = open("m/map", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 3 * PAGE);
  char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[0] = 'x';
  p[2 * PAGE + 5] = 'y';
  E("msync", SC(msync, p, 3 * PAGE, MS_SYNC));
  printf("at the server: %c %c\n", nodes[2].used ? nodes[find_name(1, "map")->node].data[0] : '?', nodes[find_name(1, "map")->node].data[2 * PAGE + 5]);
  p[1] = 'z';
  munmap(p, 3 * PAGE);
  close(fd);
  printf("after close: %c\n", nodes[find_name(1, "map")->node].data[1]);

  // Attributes and what the server does not know.
  E("chmod", chmod("m/map", 0444));
  E("chown", chown("m/map", 5, 6));
  struct timespec t[2] = { { 11, 0 }, { 22, 0 } };
  E("utimensat", SC(utimensat, AT_FDCWD, "m/map", t, 0));
  stat_("m/map", &st);
  printf("mode %o owner %d %d mtime %ld\n", st.st_mode, st.st_uid, st.st_gid, (long)st.st_mtime);
  E("getxattr", SC(getxattr, "m/map", "user.x", b, 10));
  E("setxattr", SC(setxattr, "m/map", "user.x", "v", 1, 0));
  V("asked", ctl->seen[FUSE_SETXATTR]);
  E("setxattr", SC(setxattr, "m/map", "user.x", "v", 1, 0));
  V("asked", ctl->seen[FUSE_SETXATTR]);
  fd = open("m/map", O_RDWR);
  E("fallocate", fallocate(fd, 0, 0, 100000));
  V("hole", lseek(fd, 0, SEEK_HOLE));
  V("data", lseek(fd, 100, SEEK_DATA));
  E("ioctl", ioctl(fd, 0x1234));
  E("fsync", SC(fsync, fd));
  close(fd);
  E("statfs", SC(statfs, "m", &fs));
  printf("type %lx bsize %ld blocks %ld %ld %ld files %ld %ld namelen %ld\n", fs.type, fs.bsize, fs.blocks, fs.bfree, fs.bavail, fs.files, fs.ffree, fs.namelen);

  // Errors are the server's.
  ctl->fail_op = FUSE_UNLINK; ctl->fail_err = EXDEV;
  E("unlink", unlink("m/map"));
  ctl->fail_op = FUSE_CREATE; ctl->fail_err = EROFS;
  E("create", open("m/no", O_RDWR | O_CREAT, 0600));
  ctl->fail_op = FUSE_READ; ctl->fail_err = EIO;
  fd = open("m/map", O_RDONLY);
  SC(fadvise64, fd, 0, 0, 4);
  E("read", read(fd, b, 10));
  p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  FAULT("mapped", p, (void)*(volatile char *)p);
  ctl->fail_op = 0;
  munmap(p, PAGE);
  close(fd);
  ctl->fail_op = FUSE_FLUSH; ctl->fail_err = ENOSPC;
  fd = open("m/map", O_RDONLY);
  E("close", close(fd));
  E("closed all the same", close(fd));
  ctl->fail_op = 0;

  fd = open("m/map", O_RDONLY);
  E("umount, busy", SC(umount2, "m", 0));
  close(fd);
  E("umount", SC(umount2, "m", 0));
  reap("server", server);
  mounts_line();
  names_in("m");
}
