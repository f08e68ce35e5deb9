// link(2), unlink(2): counts, errors, an unlinked open file lives on, and directories cannot be linked or unlinked.
#include "t.h"
static void n(const char *p) {
  struct stat st;
  long r = lstat_(p, &st);
  printf("%s: %s nlink %u\n", p, err(r), r < 0 ? 0 : (u32)st.st_nlink);
}
int main(void) {
  put("a", "content");
  mkdir("d", 0755);
  symlink("a", "s");
  E("link", link("a", "b"));
  n("a");
  E("exists", link("a", "b"));
  E("missing", link("x", "y"));
  E("directory", link("d", "e"));
  E("trailing slash", link("a", "c/"));
  E("of a symlink", link("s", "s2"));
  n("s2");
  n("a");
  E("following", linkat(AT_FDCWD, "s", AT_FDCWD, "s3", AT_SYMLINK_FOLLOW));
  n("a");
  int fd = open("a", O_RDWR);
  E("unlink", unlink("a"));
  E("again", unlink("a"));
  n("b");
  unlink("b");
  unlink("s3");
  struct stat st;
  fstat(fd, &st);
  char b[16] = "", p[32], l[64];
  pread(fd, b, 15, 0);
  printf("open: nlink %u [%s]\n", (u32)st.st_nlink, b);
  E("still writable", pwrite(fd, "X", 1, 0));
  snprintf(p, 32, "/proc/self/fd/%d", fd);
  l[readlink(p, l, 63)] = 0;
  printf("%s\n", strstr(l, "/a"));
  E("unlink dir", unlink("d"));
  E("rmdir file", rmdir("s"));
  E("unlink with slash", unlink("s/"));
  E("unlink symlink", unlink("s"));
  E("AT_REMOVEDIR", unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
  E("bad flag", unlinkat(AT_FDCWD, "s2", 1));
}
