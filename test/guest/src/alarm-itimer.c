// setitimer(2): one shot and interval ITIMER_REAL, the value left, disarming; ITIMER_VIRTUAL and ITIMER_PROF count processor time.
#include "t.h"
struct it {
  struct timeval i, v;
};
static volatile int n;
static void h(int s) { n++; }
int main(void) {
  sigact(SIGALRM, h, 0, 0);
  sigact(SIGVTALRM, h, 0, 0);
  sigact(SIGPROF, h, 0, 0);
  struct it t = { { 0, 0 }, { 0, 10000 } }, old;
  SC(setitimer, ITIMER_REAL, &t, 0);
  E("pause", sigsuspend(0));
  SC(getitimer, ITIMER_REAL, &old);
  printf("one shot %d left %ld.%ld\n", n, old.v.tv_sec, old.v.tv_usec);
  t = (struct it){ { 0, 5000 }, { 0, 5000 } };
  SC(setitimer, ITIMER_REAL, &t, 0);
  while (n < 4) sigsuspend(0);
  t = (struct it){ { 0, 0 }, { 0, 0 } };
  SC(setitimer, ITIMER_REAL, &t, &old);
  printf("interval %ld\n", old.i.tv_usec);
  n = 0;
  msleep(15);
  printf("disarmed %d\n", n);
  t = (struct it){ { 0, 0 }, { 0, 10000 } };
  SC(setitimer, ITIMER_VIRTUAL, &t, 0);
  while (n == 0);
  printf("virtual\n");
  n = 0;
  SC(setitimer, ITIMER_PROF, &t, 0);
  while (n == 0) getpid();
  printf("prof\n");
  t.v.tv_usec = 1000000;
  E("bad usec", SC(setitimer, ITIMER_REAL, &t, 0));
  E("bad which", SC(setitimer, 3, &t, 0));
  E("bad pointer", SC(getitimer, ITIMER_REAL, 8));
}
