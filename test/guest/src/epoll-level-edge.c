// epoll(7): level-triggered reports while ready, edge-triggered on new events, EPOLLONESHOT until re-armed.
#include "t.h"
#include <linux/eventpoll.h>
static int ep;
static void wait_(const char *l) {
  struct epoll_event ev[4];
  long n = SC(epoll_pwait, ep, ev, 4, 0, 0, 8);
  printf("%s: %ld", l, n);
  for (int i = 0; i < n; i++) printf(" [%x %llu]", ev[i].events, ev[i].data);
  printf("\n");
}
static long ctl(int op, int fd, u32 events, u64 data) {
  struct epoll_event e = { .events = events, .data = data };
  return SC(epoll_ctl, ep, op, fd, &e);
}
int main(void) {
  int p[2], q[2];
  char b[8];
  ep = SC(epoll_create1, 0);
  pipe(p);
  pipe(q);
  ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
  ctl(EPOLL_CTL_ADD, q[0], EPOLLIN | EPOLLET, 2);
  wait_("none");
  write(p[1], "ab", 2);
  write(q[1], "ab", 2);
  wait_("both");
  wait_("level only");
  write(q[1], "c", 1);
  wait_("edge again");
  read(p[0], b, 1);
  wait_("level, one left");
  read(p[0], b, 1);
  wait_("drained");
  read(q[0], b, 1);
  wait_("edge, partial read is no edge");
  ctl(EPOLL_CTL_MOD, q[0], EPOLLIN | EPOLLET, 3);
  wait_("edge after MOD");
  ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 4);
  write(p[1], "x", 1);
  wait_("oneshot");
  write(p[1], "y", 1);
  wait_("disarmed");
  ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 5);
  wait_("re-armed");
  ctl(EPOLL_CTL_MOD, p[0], 0, 6);
  wait_("no interest");
  close(p[1]);
  wait_("HUP comes anyway");
  int o = ctl(EPOLL_CTL_ADD, q[1], EPOLLOUT | EPOLLET, 7);
  E("add writer", o);
  wait_("writable edge");
  wait_("no new edge");
}
