// rename(2): replacing files, empty directories, hard links of one file, and the errors.
#include "t.h"
int main(void) {
  put("a", "A");
  put("b", "B");
  mkdir("d", 0755);
  mkdir("e", 0755);
  put("e/x", "x");
  mkdir("full", 0755);
  put("full/y", "y");
  E("onto a file", rename("a", "b"));
  cat("b", "b");
  E("a", access("a", 0));
  E("missing", rename("a", "c"));
  E("file onto dir", rename("b", "d"));
  E("dir onto file", rename("d", "b"));
  E("dir onto empty dir", rename("e", "d"));
  cat("d/x", "d/x");
  E("dir onto full dir", rename("full", "d"));
  E("into itself", rename("d", "d/sub"));
  E("onto its parent", rename("d/x", "d"));
  link("b", "b2");
  E("two links of one file", rename("b", "b2"));
  E("both stay", access("b", 0));
  E("same name", rename("b", "b"));
  E("into a missing dir", rename("b", "nodir/b"));
  E("below a file", rename("b", "b2/x"));
  E("trailing slash, file", rename("b", "new/"));
  E("trailing slash, dir", rename("d", "new/"));
  cat("new/x", "new/x");
  E("dot", rename(".", "x"));
  E("dotdot", rename("new/..", "x"));
  symlink("b", "s");
  E("a symlink itself", rename("s", "t"));
  char buf[8] = "";
  readlink("t", buf, 7);
  printf("%s\n", buf);
  E("other file system", rename("b", "/proc/b"));
  int fd = open("b", O_RDONLY);
  put("c", "C");
  rename("c", "b");
  char ch = 0;
  read(fd, &ch, 1);
  printf("open file keeps %c\n", ch);
}
