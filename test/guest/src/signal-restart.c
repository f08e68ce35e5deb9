// signal(7): with SA_RESTART read, wait4, futex and FIFO opens go on; without it they answer EINTR; nanosleep, poll, epoll always EINTR.
#include "t.h"
#include <linux/futex.h>
#include <linux/eventpoll.h>
static int hits;
static void h(int sig) { hits++; }
static int p[2];
static int signaller(void *arg) {
  msleep(20);
  kill(getppid(), SIGUSR1);
  msleep(20);
  write(p[1], "x", 1);
  return 0;
}
static int word;
static void run(const char *name, unsigned long flags) {
  char c;
  sigact(SIGUSR1, h, flags, 0);
  printf("%s\n", name);
  long pid = spawn(signaller, 0);
  long r = read(p[0], &c, 1);
  V("  read", r);
  if (r < 0) { while (read(p[0], &c, 1) < 0); }
  reap("  child", pid);
  pid = spawn(signaller, 0);
  int st;
  r = waitpid(pid, &st, 0);
  V("  wait4", r == pid ? 1 : r);
  if (r < 0) reap("  child", pid);
  read(p[0], &c, 1);
  struct timespec ts = { 0, 60000000 };
  pid = spawn(signaller, 0);
  E("  futex", futex(&word, FUTEX_WAIT, 0, &ts));
  reap("  child", pid);
  read(p[0], &c, 1);
  ts = (struct timespec){ 5, 0 };
  pid = spawn(signaller, 0);
  E("  nanosleep", nanosleep(&ts, &ts));
  printf("  remaining %d\n", ts.tv_sec == 4);
  reap("  child", pid);
  read(p[0], &c, 1);
  struct pollfd pf = { 0, 0, 0 };
  pid = spawn(signaller, 0);
  E("  ppoll", ppoll(&pf, 0, 0, 0));
  reap("  child", pid);
  read(p[0], &c, 1);
  int ep = SC(epoll_create1, 0);
  struct epoll_event ev;
  pid = spawn(signaller, 0);
  E("  epoll_pwait", SC(epoll_pwait, ep, &ev, 1, -1, 0, 8));
  close(ep);
  reap("  child", pid);
  read(p[0], &c, 1);
  pid = spawn(signaller, 0);
  mask_t m = 0;
  E("  sigsuspend", SC(rt_sigsuspend, &m, 8));
  reap("  child", pid);
  read(p[0], &c, 1);
}
int main(void) {
  pipe(p);
  run("SA_RESTART", SA_RESTART);
  run("no SA_RESTART", 0);
  printf("hits %d\n", hits);
}
