// eventfd(2): counter and semaphore modes, blocking, overflow, poll states, wrong sizes.
#include "t.h"
#define EFD_SEM 1
static long get(int fd) {
  u64 v = 0;
  long r = read(fd, &v, 8);
  return r < 0 ? r : (long)v;
}
static long add(int fd, u64 v) { return write(fd, &v, 8); }
static void show(const char *l, int fd) {
  struct pollfd f = { fd, POLLIN | POLLOUT, 0 };
  struct timespec z = { 0, 0 };
  ppoll(&f, 1, &z, 0);
  printf("%s:%s%s\n", l, f.revents & POLLIN ? " IN" : "", f.revents & POLLOUT ? " OUT" : "");
}
int main(void) {
  int e = SC(eventfd2, 3, O_NONBLOCK | O_CLOEXEC);
  printf("cloexec %ld\n", fcntl(e, F_GETFD));
  show("three", e);
  V("initial", get(e));
  E("empty", get(e));
  show("zero", e);
  add(e, 5);
  add(e, 7);
  V("sum", get(e));
  V("max", add(e, 0xfffffffffffffffe));
  show("full", e);
  E("overflow", add(e, 1));
  get(e);
  E("all ones", add(e, -1ul));
  V("zero add", add(e, 0));
  E("still empty", get(e));
  char c[8];
  E("short read", read(e, c, 4));
  E("short write", write(e, c, 4));
  add(e, 2);
  {
    u64 two[2];
    V("long read", read(e, two, 16));
  }
  int s = SC(eventfd2, 2, EFD_SEM | O_NONBLOCK);
  V("sem", get(s));
  V("sem", get(s));
  E("sem", get(s));
  int b = SC(eventfd2, 0, 0);
  long pid = fork();
  if (pid == 0) {
    msleep(10);
    add(b, 42);
    exit(0);
  }
  V("blocked", get(b));
  reap("child", pid);
  E("bad flags", SC(eventfd2, 0, 2));
  E("lseek", lseek(e, 0, 0));
}
