// open(2), symlink(7): following, O_NOFOLLOW, O_EXCL on dangling links, creation through a dangling link, loops, O_PATH of the link itself.
#include "t.h"
int main(void) {
  char b[64] = "";
  put("f", "content");
  symlink("f", "l");
  symlink("l", "ll");
  symlink("nowhere", "dangling");
  symlink("b", "a");
  symlink("a", "b");
  symlink("d/", "dl");
  mkdir("d", 0755);
  put("d/x", "x");
  symlink("../f", "d/up");
  symlink("/", "root");
  cat("through two", "ll");
  cat("up", "d/up");
  cat("dir link", "dl/x");
  E("nofollow link", open("l", O_RDONLY | O_NOFOLLOW));
  E("nofollow in the middle", open("dl/x", O_RDONLY | O_NOFOLLOW));
  E("dangling", open("dangling", O_RDONLY));
  E("dangling exclusive", open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
  E("dangling create", open("dangling", O_WRONLY | O_CREAT, 0644));
  E("made", access("nowhere", 0));
  E("loop", open("a", O_RDONLY));
  E("directory via nofollow", open("dl", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  int fd = open("l", O_PATH | O_NOFOLLOW);
  struct stat st;
  fstat(fd, &st);
  printf("O_PATH of the link: %s, mode %o\n", err(fd), st.st_mode);
  V("readlinkat with empty path", SC(readlinkat, fd, "", b, 63));
  printf("%s\n", b);
  V("readlink", readlink("dl", b, 64));
  V("readlink short", readlink("dangling", b, 3));
  E("readlink of a file", readlink("f", b, 64));
  E("readlink size 0", readlink("l", b, 0));
  E("symlink exists", symlink("x", "l"));
  E("empty target", symlink("", "e"));
  lstat_("dangling", &st);
  printf("size %ld mode %o\n", st.st_size, st.st_mode);
  char name[8] = "f";
  for (int i = 0; i < 41; i++) {
    char to[8];
    snprintf(to, 8, "s%d", i);
    symlink(name, to);
    strcpy(name, to);
  }
  E("40 links", open("s39", O_RDONLY));
  E("41 links", open("s40", O_RDONLY));
}
