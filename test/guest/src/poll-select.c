// ppoll(2), pselect6(2): readiness, timeouts, signal masks, descriptor sets, EBADF, remaining time.
#include "t.h"
static void h(int s) { printf("handler\n"); }
int main(void) {
  int p[2];
  pipe(p);
  struct timespec ts = { 0, 20000000 };
  long t = now_ms();
  struct pollfd f[2] = { { p[0], POLLIN, 99 }, { p[1], POLLOUT, 99 } };
  V("two fds", ppoll(f, 2, &ts, 0));
  printf("%x %x\n", f[0].revents, f[1].revents);
  V("timeout", ppoll(f, 1, &ts, 0));
  printf("waited %d left %ld\n", now_ms() - t >= 19, ts.tv_nsec);
  E("too many", ppoll(f, 1 << 30, 0, 0));
  E("bad pointer", ppoll((void *)8, 1, 0, 0));
  ts.tv_nsec = -1;
  E("bad time", ppoll(f, 1, &ts, 0));
  sigact(SIGUSR1, h, 0, 0);
  sigmask(SIG_BLOCK, bit(SIGUSR1));
  raise(SIGUSR1);
  mask_t m = 0;
  ts = (struct timespec){ 5, 0 };
  E("pending unblocked by the mask", SC(ppoll, f, 1, &ts, &m, 8));
  printf("mask %lx\n", getmask());
  raise(SIGUSR1);
  write(p[1], "x", 1);
  V("ready wins over the signal", SC(ppoll, f, 1, &ts, &m, 8));
  printf("pending %lx\n", sigpend());
  sigmask(SIG_UNBLOCK, bit(SIGUSR1));
  u64 r = (1ul << p[0]) | 1, w = 1ul << p[1], x = ~0ul >> 58;
  ts = (struct timespec){ 1, 0 };
  V("select", SC(pselect6, p[1] + 1, &r, &w, 0, &ts, 0));
  printf("r %lu w %lu\n", (r >> p[0]) & 1, (w >> p[1]) & 1);
  (void)x;
  r = 1ul << 40;
  E("closed fd in a set", SC(pselect6, 41, &r, 0, 0, &ts, 0));
  E("negative n", SC(pselect6, -1, 0, 0, 0, &ts, 0));
  char c;
  read(p[0], &c, 1);
  r = 1ul << p[0];
  ts = (struct timespec){ 0, 10000000 };
  V("select timeout", SC(pselect6, p[0] + 1, &r, 0, 0, &ts, 0));
  printf("cleared %d left %ld\n", r == 0, ts.tv_nsec);
  V("just a sleep", SC(pselect6, 0, 0, 0, 0, &ts, 0));
  close(p[1]);
  r = 1ul << p[0];
  V("eof is readable", SC(pselect6, p[0] + 1, &r, 0, 0, 0, 0));
}
