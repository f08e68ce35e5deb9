// epoll_ctl(2), epoll_wait(2): each error; nesting and loops; files that cannot be polled; closing a watched descriptor.
#include "t.h"
#include <linux/eventpoll.h>
static long ctl(int ep, int op, int fd, u32 events, u64 data) {
  struct epoll_event e = { .events = events, .data = data };
  return SC(epoll_ctl, ep, op, fd, &e);
}
static long poll_(int ep, u64 *d) {
  struct epoll_event ev;
  long n = SC(epoll_pwait, ep, &ev, 1, 0, 0, 8);
  if (n > 0 && d) *d = ev.data;
  return n;
}
int main(void) {
  int ep = SC(epoll_create1, O_CLOEXEC), ep2 = SC(epoll_create1, 0), p[2];
  struct epoll_event ev;
  u64 d = 0;
  pipe(p);
  E("flags", SC(epoll_create1, 1));
  E("add", ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  E("add again", ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  E("mod absent", ctl(ep, EPOLL_CTL_MOD, p[1], EPOLLIN, 1));
  E("del absent", ctl(ep, EPOLL_CTL_DEL, p[1], 0, 0));
  E("bad op", ctl(ep, 9, p[1], 0, 0));
  E("self", ctl(ep, EPOLL_CTL_ADD, ep, EPOLLIN, 1));
  E("bad fd", ctl(ep, EPOLL_CTL_ADD, 99, EPOLLIN, 1));
  E("bad ep", ctl(99, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  E("not an ep", ctl(p[0], EPOLL_CTL_ADD, p[1], EPOLLIN, 1));
  E("regular file", ctl(ep, EPOLL_CTL_ADD, open("f", O_RDWR | O_CREAT, 0600), EPOLLIN, 1));
  E("directory", ctl(ep, EPOLL_CTL_ADD, open(".", O_RDONLY), EPOLLIN, 1));
  E("bad pointer", SC(epoll_ctl, ep, EPOLL_CTL_ADD, p[1], 8));
  E("del with null", SC(epoll_ctl, ep, EPOLL_CTL_DEL, p[0], 0));
  E("maxevents 0", SC(epoll_pwait, ep, &ev, 0, 0, 0, 8));
  E("wait on a pipe", SC(epoll_pwait, p[0], &ev, 1, 0, 0, 8));
  E("nest", ctl(ep2, EPOLL_CTL_ADD, ep, EPOLLIN, 77));
  E("loop", ctl(ep, EPOLL_CTL_ADD, ep2, EPOLLIN, 1));
  ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 5);
  V("outer quiet", poll_(ep2, 0));
  write(p[1], "x", 1);
  V("outer ready", poll_(ep2, &d));
  printf("data %lu\n", d);
  V("inner", poll_(ep, &d));
  printf("data %lu\n", d);
  struct pollfd f = { ep, POLLIN, 0 };
  struct timespec z = { 0, 0 };
  V("poll of an epoll", ppoll(&f, 1, &z, 0));
  int dup_ = dup(p[0]);
  close(p[0]);
  V("closed, but a dup holds the description", poll_(ep, &d));
  close(dup_);
  V("now gone", poll_(ep, &d));
  long t = now_ms();
  V("timeout", SC(epoll_pwait, ep, &ev, 1, 20, 0, 8));
  printf("waited %d\n", now_ms() - t >= 19);
}
