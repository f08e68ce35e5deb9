// inode(7): which operations touch atime (relatime), mtime and ctime.
#include "t.h"
static struct stat st;
static struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
static void reset(const char *p) { SC(utimensat, AT_FDCWD, p, old, 0); }
static void show(const char *l, const char *p) {
  lstat_(p, &st);
  printf("%s: atime %s mtime %s\n", l, st.st_atime == 1000 ? "old" : "new", st.st_mtime == 1000 ? "old" : "new");
}
int main(void) {
  char b[64];
  put("f", "content");
  mkdir("d", 0755);
  put("d/x", "");
  int fd = open("f", O_RDWR);
  reset("f");
  read(fd, b, 1);
  show("read", "f");
  reset("f");
  int n = open("f", O_RDONLY | O_NOATIME);
  read(n, b, 1);
  show("O_NOATIME", "f");
  reset("f");
  reset("f");
  write(fd, "x", 1);
  show("write", "f");
  reset("f");
  link("f", "g");
  show("link", "f");
  reset("f");
  rename("g", "h");
  show("rename", "f");
  reset("f");
  ftruncate(fd, 3);
  show("truncate", "f");
  reset("f");
  ftruncate(fd, 3);
  show("truncate, same size", "f");
  reset("f");
  close(open("f", O_RDONLY | O_TRUNC));
  show("O_TRUNC", "f");
  reset("d");
  int d = open("d", O_RDONLY);
  getdents(d, b, 64);
  show("getdents", "d");
  reset("d");
  put("d/x", "more");
  show("write of an entry", "d");
  reset("d");
  link("f", "d/y");
  show("link into", "d");
  reset("d");
  rename("d/y", "d/z");
  show("rename within", "d");
  symlink("f", "s");
  struct timespec t[2] = { { 1000, 0 }, { 1000, 0 } };
  SC(utimensat, AT_FDCWD, "s", t, AT_SYMLINK_NOFOLLOW);
  readlink("s", b, 64);
  show("readlink", "s");
  long c0;
  lstat_("f", &st);
  c0 = st.st_ctime * 1000000000 + st.st_ctime_nsec;
  msleep(15);
  chmod("f", 0600);
  lstat_("f", &st);
  printf("ctime moves with chmod %d\n", (long)(st.st_ctime * 1000000000 + st.st_ctime_nsec) > c0);
}
