// fcntl(2) record locks: ranges per process, conflicts by type, F_GETLK, waiting, release on close; OFD locks belong to the description.
#include "t.h"
static int fd;
static long lk(int cmd, int type, long start, long len) {
  struct flock l = { .l_type = type, .l_whence = 0, .l_start = start, .l_len = len };
  return fcntl(fd, cmd, &l);
}
static void get(const char *label, int cmd, int type, long start, long len) {
  struct flock l = { .l_type = type, .l_start = start, .l_len = len };
  long r = fcntl(fd, cmd, &l);
  static const char *t[] = { "read", "write", "none" };
  printf("%s: %s %s %ld+%ld pid %d\n", label, err(r), t[l.l_type], l.l_start, l.l_len, l.l_pid == getppid() ? 1 : l.l_pid);
}
static int other(void *a) {
  E("write 5", lk(F_SETLK, F_WRLCK, 5, 1));
  E("read 5", lk(F_SETLK, F_RDLCK, 5, 1));
  E("read 25", lk(F_SETLK, F_RDLCK, 25, 1));
  E("write 25", lk(F_SETLK, F_WRLCK, 25, 1));
  E("write 15", lk(F_SETLK, F_WRLCK, 15, 1));
  get("who has 0-40", F_GETLK, F_WRLCK, 0, 40);
  get("who has 15", F_GETLK, F_WRLCK, 15, 1);
  return 0;
}
static int waiter(void *a) {
  E("wait", lk(F_SETLKW, F_WRLCK, 0, 10));
  return 0;
}
static int fresh(void *a) {
  E("after close", lk(F_SETLK, F_WRLCK, 0, 0));
  return 0;
}
int main(void) {
  fd = open("f", O_RDWR | O_CREAT, 0600);
  E("lock", lk(F_SETLK, F_WRLCK, 0, 20));
  E("unlock middle", lk(F_SETLK, F_UNLCK, 10, 10));
  E("read lock", lk(F_SETLK, F_RDLCK, 20, 0));
  reap("other", spawn(other, 0));
  long pid = spawn(waiter, 0);
  msleep(20);
  printf("still waiting %ld\n", waitpid(pid, 0, WNOHANG));
  lk(F_SETLK, F_UNLCK, 0, 10);
  reap("waiter", pid);
  lk(F_SETLK, F_WRLCK, 0, 5);
  close(dup(fd));
  reap("fresh", spawn(fresh, 0));
  int ro = open("f", O_RDONLY), keep = fd;
  fd = ro;
  E("write lock of a read-only fd", lk(F_SETLK, F_WRLCK, 0, 1));
  E("bad type", lk(F_SETLK, 9, 0, 1));
  E("negative start", lk(F_SETLK, F_RDLCK, -5, 1));
  fd = keep;
  E("ofd", lk(F_OFD_SETLK, F_WRLCK, 0, 1));
  fd = open("f", O_RDWR);
  E("ofd, other description", lk(F_OFD_SETLK, F_WRLCK, 0, 1));
  E("classic against ofd", lk(F_SETLK, F_WRLCK, 0, 1));
  get("holder", F_OFD_GETLK, F_WRLCK, 0, 1);
  close(keep);
  E("ofd after close", lk(F_OFD_SETLK, F_WRLCK, 0, 1));
}
