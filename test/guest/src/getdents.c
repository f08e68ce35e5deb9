// getdents64(2): all names once with their types, '.' and '..', small buffers, rewinding, additions and removals while reading.
#include "t.h"
static char names[300][16];
static int list(int fd, int size) {
  char b[4096];
  int n = 0;
  long r;
  while ((r = getdents(fd, b, size)) > 0)
    for (long at = 0; at < r;) {
      struct dirent64 *d = (void *)(b + at);
      strcpy(names[n++], d->d_name);
      at += d->d_reclen;
    }
  if (r < 0) V("getdents", r);
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++)
      if (strcmp(names[i], names[j]) > 0) {
        char t[16];
        strcpy(t, names[i]);
        strcpy(names[i], names[j]);
        strcpy(names[j], t);
      }
  return n;
}
int main(void) {
  char b[1024];
  mkdir("d", 0755);
  chdir("d");
  put("file", "");
  mkdir("dir", 0755);
  symlink("x", "link");
  mkfifo("fifo", 0644);
  mknod("null", S_IFCHR | 0666, makedev(1, 3));
  int fd = open(".", O_RDONLY | O_DIRECTORY);
  int types[16] = { 0 };
  long r = getdents(fd, b, sizeof b);
  for (long at = 0; at < r;) {
    struct dirent64 *d = (void *)(b + at);
    types[d->d_type & 15]++;
    at += d->d_reclen;
    printf("aligned %d ", d->d_reclen % 8);
  }
  printf("\nreg %d dir %d lnk %d fifo %d chr %d\n", types[DT_REG], types[DT_DIR], types[DT_LNK], types[DT_FIFO], types[DT_CHR]);
  V("end", getdents(fd, b, sizeof b));
  E("rewind", lseek(fd, 0, 0));
  int n = list(fd, sizeof b);
  for (int i = 0; i < n; i++) printf("%s ", names[i]);
  printf("\n");
  lseek(fd, 0, 0);
  printf("small buffer %d\n", list(fd, 48));
  lseek(fd, 0, 0);
  E("too small", getdents(fd, b, 10));
  E("a file", getdents(open("file", O_RDONLY), b, 100));
  E("bad fd", getdents(99, b, 100));
  E("bad pointer", getdents(fd, 8, 100));
  for (int i = 0; i < 100; i++) {
    char nm[8];
    snprintf(nm, 8, "n%d", i);
    put(nm, "");
  }
  lseek(fd, 0, 0);
  printf("hundred more %d\n", list(fd, 512));
  lseek(fd, 0, 0);
  int seen = 0;
  while ((r = getdents(fd, b, 256)) > 0)
    for (long at = 0; at < r;) {
      struct dirent64 *d = (void *)(b + at);
      if (d->d_name[0] == 'n' && d->d_name[1] != 'u') {
        seen++;
        unlink(d->d_name);
      }
      at += d->d_reclen;
    }
  lseek(fd, 0, 0);
  printf("removed while reading %d left %d\n", seen, list(fd, sizeof b));
}
