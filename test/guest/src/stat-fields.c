// stat(2): type, mode, links, ids, sizes and device numbers of each kind of file; fstatat flags.
#include "t.h"
static void show(const char *l, long r, struct stat *st) {
  if (r < 0) {
    E(l, r);
    return;
  }
  printf("%s: mode %o nlink %u uid %u gid %u size %ld rdev %lx blksize %d\n", l, st->st_mode, (u32)st->st_nlink, st->st_uid, st->st_gid,
         S_ISDIR(st->st_mode) ? -1L : (long)st->st_size, (u64)st->st_rdev, (int)st->st_blksize);
}
int main(void) {
  struct stat st, s2;
  put("f", "12345");
  symlink("f", "l");
  mkfifo("p", 0622);
  mkdir("d", 0700);
  show("file", stat_("f", &st), &st);
  show("link", lstat_("l", &st), &st);
  show("through link", stat_("l", &st), &st);
  show("fifo", stat_("p", &st), &st);
  show("dir", stat_("d", &st), &st);
  show("null", stat_("/dev/null", &st), &st);
  int p[2];
  pipe(p);
  show("pipe", fstat(p[0], &st), &st);
  show("missing", stat_("x", &st), &st);
  stat_("f", &st);
  stat_("l", &s2);
  printf("same inode %d\n", st.st_ino == s2.st_ino && st.st_dev == s2.st_dev);
  stat_("d", &s2);
  printf("other inode %d\n", st.st_ino != s2.st_ino);
  chown("f", 12, 34);
  chmod("f", 06755);
  show("changed", stat_("f", &st), &st);
  E("bad flag", fstatat(AT_FDCWD, "f", &st, 0x8000));
  E("slash after a file", stat_("f/", &st));
  E("slash after a link to a file", lstat_("l/", &st));
  show("dirfd", fstatat(open("d", O_RDONLY), "../f", &st, 0), &st);
  E("bad dirfd, absolute path", fstatat(99, "/", &st, 0));
  E("bad dirfd", fstatat(99, "f", &st, 0));
}
