// epoll(7): epoll files inside epoll files, loops, dup and close, one-shot, modification while ready, fairness of the ready list.
#include "net.h"
#include <linux/eventpoll.h>
static long add(int ep, int fd, u32 events, u64 data) {
  struct epoll_event e = { events, data };
  return SC(epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e);
}
static long mod(int ep, int fd, u32 events, u64 data) {
  struct epoll_event e = { events, data };
  return SC(epoll_ctl, ep, EPOLL_CTL_MOD, fd, &e);
}
static void wait(const char *label, int ep, int max) {
  struct epoll_event e[8];
  long n = SC(epoll_pwait, ep, e, max, 0, 0, 8);
  printf("%s: %ld", label, n);
  for (int i = 0; i < n; i++) printf(" %x:%ld", e[i].events, (long)e[i].data);
  printf("\n");
}
int main(void) {
  int in = SC(epoll_create1, 0), out = SC(epoll_create1, 0), p[2], q[2], s[2];
  SC(pipe2, p, 0);
  SC(pipe2, q, 0);
  socketpair(SOCK_STREAM, s);
  E("self", add(in, in, EPOLLIN, 0));
  E("add", add(in, p[0], EPOLLIN, 1));
  E("again", add(in, p[0], EPOLLIN, 1));
  E("nest", add(out, in, EPOLLIN, 2));
  E("loop", add(in, out, EPOLLIN, 3));
  wait("idle", out, 8);
  write(p[1], "x", 1);
  wait("outer", out, 8);
  wait("inner", in, 8);
  struct pollfd f = { out, POLLIN | POLLOUT, 0 };
  struct timespec z = { 0, 0 };
  SC(ppoll, &f, 1, &z, 0, 8);
  printf("poll %x\n", f.revents);
  int d = SC(dup, p[0]);
  E("dup is another", add(in, d, EPOLLIN, 4));
  wait("both", in, 8);
  close(p[0]);
  wait("close of one", in, 8);
  E("cannot remove", SC(epoll_ctl, in, EPOLL_CTL_DEL, p[0], 0));
  close(d);
  wait("close of all", in, 8);
  wait("outer", out, 8);
  E("one shot", add(out, q[0], EPOLLIN | EPOLLONESHOT, 5));
  write(q[1], "ab", 2);
  wait("first", out, 8);
  wait("second", out, 8);
  E("rearm", mod(out, q[0], EPOLLIN | EPOLLONESHOT, 6));
  wait("third", out, 8);
  E("edge", mod(out, q[0], EPOLLIN | EPOLLET, 7));
  wait("edge", out, 8);
  wait("edge", out, 8);
  write(q[1], "c", 1);
  wait("edge", out, 8);
  E("mod is an edge", mod(out, q[0], EPOLLIN | EPOLLET, 8));
  wait("edge", out, 8);
  E("out", mod(out, q[0], EPOLLOUT, 8));
  wait("not out", out, 8);
  close(q[1]);
  wait("hang-up unasked", out, 8);
  E("nothing", mod(out, q[0], 0, 9));
  wait("still", out, 8);
  close(q[0]);
  E("socket", add(out, s[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 10));
  wait("writable", out, 8);
  write(s[1], "x", 1);
  wait("readable", out, 8);
  shutdown(s[1], SHUT_WR);
  wait("half", out, 8);
  close(s[1]);
  wait("closed", out, 8);
  E("exclusive mod", (add(in, s[0], EPOLLIN | EPOLLEXCLUSIVE, 11), mod(in, s[0], EPOLLIN, 11)));
  E("exclusive one shot", add(in, 0, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 11));
  E("file", (put("f", ""), add(in, open("f", O_RDWR), EPOLLIN, 0)));
  E("bad fd", add(in, 99, EPOLLIN, 0));
  E("bad epfd", add(99, s[0], EPOLLIN, 0));
  E("not epoll", add(s[0], in, EPOLLIN, 0));
  int e[4], many = SC(epoll_create1, 0);
  for (int i = 0; i < 4; i++) add(many, e[i] = SC(eventfd2, 1, 0), EPOLLIN, i);
  wait("two", many, 2);
  wait("next two", many, 2);
  wait("again", many, 3);
  wait("around", many, 3);
}
