// proc(5) /proc/self/fd: what links say for each kind of file, reopening through them, fdinfo, listing.
#include "t.h"
static void show(const char *l, int fd) {
  char p[32], b[128];
  snprintf(p, 32, "/proc/self/fd/%d", fd);
  long n = readlink(p, b, 127);
  if (n < 0) {
    E(l, n);
    return;
  }
  b[n] = 0;
  char *c = strchr(b, '[');
  if (c && c > b + 1) strcpy(c + 1, "N]");
  char *w = strstr(b, "/tmp/");
  printf("%s: %s\n", l, w ? "file" : b);
}
int main(void) {
  int p[2], ep = SC(epoll_create1, 0), e = SC(eventfd2, 0, 0), s[2];
  pipe(p);
  SC(socketpair, 1, 1, 0, s);
  put("f", "0123456789");
  int f = open("f", O_RDWR | O_APPEND);
  show("pipe", p[0]);
  show("epoll", ep);
  show("eventfd", e);
  show("socket", s[0]);
  show("null", open("/dev/null", O_RDONLY));
  show("file", f);
  show("closed", 99);
  char path[32], b[256];
  snprintf(path, 32, "/proc/self/fd/%d", f);
  lseek(f, 5, 0);
  int g = open(path, O_RDONLY);
  V("own offset", lseek(g, 0, 1));
  unlink("f");
  g = open(path, O_RDONLY);
  V("reopen unlinked", read(g, b, 3));
  snprintf(path, 32, "/proc/self/fd/%d", p[1]);
  int w = open(path, O_WRONLY);
  write(w, "via", 3);
  V("pipe by name", read(p[0], b, 9));
  snprintf(path, 32, "/proc/self/fd/%d", s[0]);
  E("socket by name", open(path, O_RDWR));
  snprintf(path, 32, "/proc/self/fdinfo/%d", f);
  slurp(path, b, 256);
  printf("fdinfo pos %s\n", field(path, "pos"));
  printf("flags append %d\n", strstr(field(path, "flags"), "2002") != NULL);
  E("dev fd", access("/dev/fd/0", 0));
  E("dev stdin", access("/dev/stdin", 0));
  int d = open("/proc/self/fd", O_RDONLY | O_DIRECTORY), n = 0;
  long r;
  while ((r = getdents(d, b, 256)) > 0)
    for (long at = 0; at < r; at += ((struct dirent64 *)(b + at))->d_reclen) n++;
  printf("entries %d\n", n);
  E("create there", open("/proc/self/fd/x", O_CREAT | O_WRONLY, 0600));
  struct stat st;
  snprintf(path, 32, "/proc/self/fd/%d", f);
  lstat_(path, &st);
  printf("link mode %o\n", st.st_mode & 0777);
}
