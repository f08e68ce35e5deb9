// epoll(7): a change made by another thread wakes a waiter; one-shot hands each event to one waiter; exclusive data words come back whole.
#include "t.h"
#include <linux/eventpoll.h>
static int ep, got, total;
static int waiter(void *a) {
  struct epoll_event ev;
  for (;;) {
    long n = SC(epoll_pwait, ep, &ev, 1, -1, 0, 8);
    if (n == 1) {
      if (ev.data == 0xdeadbeefcafef00d) return 0;
      __atomic_add_fetch(&got, 1, 5);
    }
  }
}
int main(void) {
  ep = SC(epoll_create1, 0);
  struct thread t[2];
  int p[4][2];
  for (int i = 0; i < 2; i++) thread_start(&t[i], waiter, 0);
  for (int i = 0; i < 4; i++) {
    pipe(p[i]);
    struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT, .data = i };
    SC(epoll_ctl, ep, EPOLL_CTL_ADD, p[i][0], &e);
    write(p[i][1], "x", 1);
    total++;
  }
  while (__atomic_load_n(&got, 5) < total) msleep(1);
  msleep(10);
  printf("each once: %d of %d\n", got, total);
  int q[2];
  pipe(q);
  write(q[1], "x", 1);
  struct epoll_event e = { .events = EPOLLIN, .data = 0xdeadbeefcafef00d };
  SC(epoll_ctl, ep, EPOLL_CTL_ADD, q[0], &e);
  thread_join(&t[0]);
  thread_join(&t[1]);
  printf("joined\n");
}
