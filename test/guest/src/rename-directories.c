// rename(2): moving a directory changes its '..', the parents' link counts, and the cwd of those inside; descriptors stay good.
#include "t.h"
static u32 links(const char *p) {
  struct stat st;
  return lstat_(p, &st) < 0 ? 0 : (u32)st.st_nlink;
}
int main(void) {
  mkdir("a", 0755);
  mkdir("b", 0755);
  mkdir("a/sub", 0755);
  put("a/sub/f", "x");
  put("b/marker", "");
  int fd = open("a/sub", O_RDONLY);
  printf("before %u %u\n", links("a"), links("b"));
  long pid = fork();
  if (pid == 0) {
    chdir("a/sub");
    rename("../../a/sub", "../../b/moved");
    char c[256];
    getcwd(c, 256);
    printf("cwd %s\n", c + strlen(c) - 8);
    E("..", access("../marker", 0));
    exit(0);
  }
  reap("child", pid);
  printf("after %u %u\n", links("a"), links("b"));
  E("by descriptor", openat(fd, "f", O_RDONLY));
  E("dotdot by descriptor", openat(fd, "../marker", O_RDONLY));
  mkdir("c", 0755);
  rename("b/moved", "c");
  printf("replaced %u %u %u\n", links("a"), links("b"), links("c"));
  cat("c/f", "c/f");
  E("old", access("b/moved", 0));
  mkdir("p", 0755);
  mkdir("p/q", 0755);
  E("ancestor into descendant", rename("p", "p/q/r"));
  E("descendant onto ancestor", rename("p/q", "p"));
}
