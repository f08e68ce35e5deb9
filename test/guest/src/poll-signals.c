// ppoll(2), pselect(2), epoll_pwait(2): the temporary mask lets exactly the wanted signals in, EINTR, and the old mask is back afterwards.
#include "t.h"
#include <linux/eventpoll.h>
static volatile int hits;
static void handler(int sig) { hits++; }
static void masks(const char *label) {
  mask_t m = 0;
  SC(rt_sigprocmask, SIG_BLOCK, 0, &m, 8);
  printf("%s: hits %d usr1 %d usr2 %d\n", label, hits, (m & bit(SIGUSR1)) != 0, (m & bit(SIGUSR2)) != 0);
}
int main(void) {
  int p[2], ep = SC(epoll_create1, 0);
  SC(pipe2, p, 0);
  struct epoll_event ev = { EPOLLIN, 1 };
  SC(epoll_ctl, ep, EPOLL_CTL_ADD, p[0], &ev);
  sigact(SIGUSR1, handler, SA_RESTART, 0);
  sigact(SIGUSR2, handler, SA_RESTART, 0);
  sigmask(SIG_SETMASK, bit(SIGUSR1) | bit(SIGUSR2));
  mask_t open1 = bit(SIGUSR2), none = ~0ul;
  struct pollfd f = { p[0], POLLIN, 0 };
  raise(SIGUSR1);
  masks("pending");
  struct timespec ts = { 0, 20000000 };
  E("ppoll, pending", SC(ppoll, &f, 1, &ts, &open1, 8));
  printf("time left %d\n", ts.tv_nsec > 10000000);
  masks("after");
  ts.tv_nsec = 2000000;
  E("ppoll, nothing", SC(ppoll, &f, 1, &ts, &open1, 8));
  printf("time left %ld\n", (long)ts.tv_nsec);
  raise(SIGUSR2);
  ts.tv_nsec = 2000000;
  E("ppoll, blocked", SC(ppoll, &f, 1, &ts, &open1, 8));
  masks("blocked");
  raise(SIGUSR1);
  struct { mask_t *m; long n; } pack = { &open1, 8 };
  u64 set = 1ul << p[0];
  ts.tv_nsec = 20000000;
  E("pselect, pending", SC(pselect6, p[0] + 1, &set, 0, 0, &ts, &pack));
  printf("set kept %d\n", set == 1ul << p[0]);
  masks("after");
  raise(SIGUSR1);
  E("epoll_pwait, pending", SC(epoll_pwait, ep, &ev, 1, 20, &open1, 8));
  masks("after");
  raise(SIGUSR1);
  write(p[1], "x", 1);
  V("ready and pending: ppoll", SC(ppoll, &f, 1, &ts, &open1, 8));
  masks("after");
  set = 1ul << p[0];
  V("pselect", SC(pselect6, p[0] + 1, &set, 0, 0, &ts, &pack));
  masks("after");
  V("epoll_pwait", SC(epoll_pwait, ep, &ev, 1, 20, &open1, 8));
  masks("after");
  E("bad size", SC(ppoll, &f, 1, &ts, &open1, 4));
  E("bad time", (ts.tv_nsec = -1, SC(ppoll, &f, 1, &ts, &none, 8)));
  E("many", SC(ppoll, &f, 0x7fffffff, 0, &none, 8));
  E("bad address", SC(ppoll, (void *)8, 1, 0, 0, 8));
  E("pselect n", SC(pselect6, -1, 0, 0, 0, 0, 0));
  set = 1ul << 50;
  ts.tv_nsec = 0;
  E("pselect bad fd", SC(pselect6, 51, &set, 0, 0, &ts, 0));
  E("epoll size", SC(epoll_pwait, ep, &ev, 1, 0, &open1, 4));
  char b;
  read(p[0], &b, 1);
  long c = fork();
  if (c == 0) {
    hits = 0;
    E("woken", SC(ppoll, &f, 1, 0, &open1, 8));
    masks("woken");
    E("woken", SC(epoll_pwait, ep, &ev, 1, -1, &open1, 8));
    masks("woken");
    set = 1ul << p[0];
    E("woken", SC(pselect6, p[0] + 1, &set, 0, 0, 0, &pack));
    masks("woken");
    sigmask(SIG_SETMASK, 0);
    V("stopped and continued", SC(ppoll, &f, 1, 0, 0, 8));
    exit(0);
  }
  for (int i = 0; i < 3; i++) {
    await_state(c, 'S');
    kill(c, SIGUSR1);
    msleep(10);
  }
  await_state(c, 'S');
  kill(c, SIGSTOP);
  await_state(c, 'T');
  kill(c, SIGCONT);
  await_state(c, 'S');
  write(p[1], "y", 1);
  reap("child", c);
}
