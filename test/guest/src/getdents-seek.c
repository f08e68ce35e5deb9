// getdents64(2): d_off is where reading can go on; seeking back to one continues after that entry; a removed cwd lists nothing.
#include "t.h"
int main(void) {
  char b[4096], n[8];
  mkdir("d", 0755);
  for (int i = 0; i < 20; i++) {
    snprintf(n, 8, "d/%c", 'a' + i);
    put(n, "");
  }
  int fd = open("d", O_RDONLY);
  long r = getdents(fd, b, sizeof b);
  struct dirent64 *e[32];
  int k = 0;
  for (long at = 0; at < r;) {
    e[k] = (void *)(b + at);
    at += e[k++]->d_reclen;
  }
  printf("entries %d\n", k);
  char want[16];
  int same = 0;
  for (int i = 0; i + 1 < k; i++) {
    char c[4096];
    strcpy(want, e[i + 1]->d_name);
    lseek(fd, e[i]->d_off, 0);
    if (getdents(fd, c, sizeof c) > 0) same += strcmp(((struct dirent64 *)c)->d_name, want) == 0;
  }
  printf("continued %d of %d\n", same, k - 1);
  lseek(fd, e[k - 1]->d_off, 0);
  char c[256];
  V("after the last", getdents(fd, c, 256));
  mkdir("gone", 0755);
  chdir("gone");
  int g = open(".", O_RDONLY);
  rmdir("../gone");
  E("removed directory", getdents(g, b, sizeof b));
}
