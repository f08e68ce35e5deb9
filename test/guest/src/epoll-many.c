// epoll(7): hundreds of descriptors, events in batches, fairness between them, EPOLLRDHUP, EPOLLEXCLUSIVE rules, edge-triggered eventfd.
#include "net.h"
#include <linux/eventpoll.h>
#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE (1u << 28)
#endif
static int ep;
static long ctl(int op, int fd, u32 ev, u64 d) {
  struct epoll_event e = { .events = ev, .data = d };
  return SC(epoll_ctl, ep, op, fd, &e);
}
int main(void) {
  struct {
    u64 c, m;
  } rl = { 1000, 4096 };
  prlimit(0, RLIMIT_NOFILE, &rl, 0);
  ep = SC(epoll_create1, 0);
  int fd[300];
  for (int i = 0; i < 300; i++) {
    fd[i] = SC(eventfd2, i % 3 == 0, O_NONBLOCK);
    ctl(EPOLL_CTL_ADD, fd[i], EPOLLIN, i);
  }
  struct epoll_event ev[64];
  static u8 seen[300];
  int calls = 0, distinct = 0;
  while (calls < 50) {
    long n = SC(epoll_pwait, ep, ev, 64, 0, 0, 8);
    calls++;
    for (int i = 0; i < n; i++) {
      distinct += !seen[ev[i].data];
      seen[ev[i].data] = 1;
    }
    if (distinct == 100) break;
  }
  printf("all seen %d in few calls %d\n", distinct, calls <= 3);
  u64 v;
  for (int i = 0; i < 300; i++) read(fd[i], &v, 8);
  V("quiet", SC(epoll_pwait, ep, ev, 64, 0, 0, 8));
  ctl(EPOLL_CTL_MOD, fd[5], EPOLLIN | EPOLLET, 5);
  v = 1;
  int edges = 0;
  for (int i = 0; i < 3; i++) {
    write(fd[5], &v, 8);
    edges += SC(epoll_pwait, ep, ev, 64, 0, 0, 8);
  }
  printf("each write is an edge %d\n", edges);
  int s[2];
  socketpair(SOCK_STREAM, s);
  ctl(EPOLL_CTL_ADD, s[0], EPOLLIN | EPOLLRDHUP, 999);
  shutdown(s[1], SHUT_WR);
  SC(epoll_pwait, ep, ev, 64, 0, 0, 8);
  printf("rdhup %x\n", ev[0].events);
  E("exclusive add", ctl(EPOLL_CTL_ADD, s[1], EPOLLIN | EPOLLEXCLUSIVE, 1));
  E("exclusive mod", ctl(EPOLL_CTL_MOD, s[1], EPOLLIN | EPOLLEXCLUSIVE, 1));
  E("exclusive with rdhup", (ctl(EPOLL_CTL_DEL, s[1], 0, 0), ctl(EPOLL_CTL_ADD, s[1], EPOLLIN | EPOLLRDHUP | EPOLLEXCLUSIVE, 1)));
}
