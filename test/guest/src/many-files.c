// Thousands of files in one directory, a deep tree, and many open descriptors stay consistent.
#include "t.h"
int main(void) {
  char n[32];
  mkdir("d", 0755);
  for (int i = 0; i < 2000; i++) {
    snprintf(n, 32, "d/file%d", i);
    close(open(n, O_WRONLY | O_CREAT, 0644));
  }
  int found = 0;
  for (int i = 0; i < 2000; i += 7) {
    snprintf(n, 32, "d/file%d", i);
    found += access(n, 0) == 0;
  }
  printf("found %d\n", found);
  for (int i = 0; i < 2000; i += 2) {
    snprintf(n, 32, "d/file%d", i);
    unlink(n);
  }
  char b[4096];
  int fd = open("d", O_RDONLY), left = 0;
  long r;
  while ((r = getdents(fd, b, 4096)) > 0)
    for (long at = 0; at < r; at += ((struct dirent64 *)(b + at))->d_reclen) left++;
  printf("left %d\n", left);
  for (int i = 1; i < 2000; i += 2) {
    snprintf(n, 32, "d/file%d", i);
    unlink(n);
  }
  E("rmdir", rmdir("d"));
  int open_ = 0;
  while (open_ < 900 && dup(0) >= 0) open_++;
  printf("open %d\n", open_);
  for (int i = 0; i < 100; i++) {
    mkdir("x", 0755);
    chdir("x");
  }
  put("deep", "found");
  for (int i = 0; i < 99; i++) chdir("..");
  E("top", access("x", 0));
}
