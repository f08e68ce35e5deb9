// timer_create(2): signal with value, intervals and overruns, thread-directed, gettime, deletion, not inherited by fork.
#include "t.h"
static volatile int n;
static siginfo_t last;
static void h(int s, siginfo_t *si, void *u) {
  n++;
  last = *si;
}
struct sev {
  u64 value;
  int signo, notify, tid, pad[11];
};
int main(void) {
  int id = -1;
  struct sev e = { .value = 0xabcdef, .signo = 36, .notify = 0 };
  sigact(36, h, SA_SIGINFO, 0);
  sigact(SIGALRM, h, SA_SIGINFO, 0);
  E("create", SC(timer_create, CLOCK_MONOTONIC, &e, &id));
  struct itimerspec it = { { 0, 0 }, { 0, 10000000 } }, o;
  E("set", SC(timer_settime, id, 0, &it, 0));
  while (n == 0) {
    mask_t m = 0;
    (void)m;
    msleep(1);
  }
  printf("n %d code %d value %lx overrun %d timer id %d\n", n, last.si_code, (u64)last.si_ptr, last.si_overrun, last.si_tid == id);
  it.it_interval.tv_nsec = 5000000;
  sigmask(SIG_BLOCK, bit(36));
  SC(timer_settime, id, 0, &it, 0);
  msleep(60);
  n = 0;
  sigmask(SIG_UNBLOCK, bit(36));
  printf("one signal %d overruns %d\n", n >= 1, last.si_overrun >= 3);
  printf("getoverrun %d\n", SC(timer_getoverrun, id) >= 0);
  SC(timer_gettime, id, &o);
  printf("interval %ld\n", o.it_interval.tv_nsec);
  it = (struct itimerspec){ { 0, 0 }, { 0, 0 } };
  SC(timer_settime, id, 0, &it, 0);
  n = 0;
  msleep(15);
  printf("stopped %d\n", n);
  SC(timer_gettime, id, &o);
  printf("left %ld\n", o.it_value.tv_nsec);
  int d = -1;
  E("default event", SC(timer_create, CLOCK_REALTIME, 0, &d));
  it.it_value.tv_nsec = 1000000;
  n = 0;
  SC(timer_settime, d, 0, &it, 0);
  while (n == 0) msleep(1);
  printf("%s value is the id %d\n", signame(last.si_signo), last.si_int == d);
  e = (struct sev){ .signo = 36, .notify = 4, .tid = gettid() };
  E("thread id", SC(timer_create, CLOCK_MONOTONIC, &e, &d));
  e.tid = 1;
  E("other's thread", SC(timer_create, CLOCK_MONOTONIC, &e, &d));
  e = (struct sev){ .notify = 1 };
  E("none", SC(timer_create, CLOCK_MONOTONIC, &e, &d));
  long pid = fork();
  if (pid == 0) {
    E("child has no timer", SC(timer_gettime, id, &o));
    exit(0);
  }
  reap("child", pid);
  E("delete", SC(timer_delete, id));
  E("again", SC(timer_delete, id));
  E("bad clock", SC(timer_create, 88, 0, &d));
  e = (struct sev){ .signo = 99 };
  E("bad signal", SC(timer_create, 0, &e, &d));
}
