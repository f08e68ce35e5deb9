// open(2) O_TMPFILE: a nameless file that linkat can give a name through /proc/self/fd or AT_EMPTY_PATH.
#include "t.h"
#define AT_EMPTY_PATH 0x1000
int main(void) {
  mkdir("d", 0755);
  int fd = open("d", O_TMPFILE | O_RDWR, 0640);
  E("open", fd);
  struct stat st;
  write(fd, "hidden", 6);
  fstat(fd, &st);
  printf("mode %o nlink %u size %ld\n", st.st_mode, (u32)st.st_nlink, st.st_size);
  E("directory stays empty", rmdir("d"));
  mkdir("d", 0755);
  char path[32];
  snprintf(path, 32, "/proc/self/fd/%d", fd);
  int f2 = open(".", O_TMPFILE | O_RDWR, 0640);
  write(f2, "shown", 5);
  snprintf(path, 32, "/proc/self/fd/%d", f2);
  E("link", linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  cat("named", "named");
  int f3 = open(".", O_TMPFILE | O_WRONLY, 0640);
  E("link by fd", linkat(f3, "", AT_FDCWD, "named2", AT_EMPTY_PATH));
  int f4 = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
  E("O_EXCL forbids", linkat(f4, "", AT_FDCWD, "named3", AT_EMPTY_PATH));
  E("read-only", open(".", O_TMPFILE | O_RDONLY, 0640));
  E("on a file", open("named", O_TMPFILE | O_RDWR, 0640));
}
