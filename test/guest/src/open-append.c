// open(2) O_APPEND: each write goes to the end, whatever the offset and whoever else writes; pwrite appends too on Linux.
#include "t.h"
int main(void) {
  put("f", "base");
  int a = open("f", O_RDWR | O_APPEND), b = open("f", O_RDWR | O_APPEND);
  V("offset", lseek(a, 0, 1));
  write(a, "A", 1);
  write(b, "B", 1);
  lseek(a, 0, 0);
  write(a, "C", 1);
  V("offset", lseek(a, 0, 1));
  V("pwrite", pwrite(b, "D", 1, 0));
  V("offset of b", lseek(b, 0, 1));
  cat("f", "f");
  fcntl(a, F_SETFL, 0);
  lseek(a, 0, 0);
  write(a, "Z", 1);
  cat("cleared", "f");
  long pid[4];
  for (int i = 0; i < 4; i++)
    if ((pid[i] = fork()) == 0) {
      for (int j = 0; j < 50; j++) write(b, "0123456789", 10);
      exit(0);
    }
  for (int i = 0; i < 4; i++) reap("w", pid[i]);
  V("size", lseek(b, 0, 2));
}
