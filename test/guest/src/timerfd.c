// timerfd_create(2): relative, absolute, intervals, expirations counted, disarm, gettime, poll, errors.
#include "t.h"
#include <linux/timerfd.h>
static long get(int fd) {
  u64 v = 0;
  long r = read(fd, &v, 8);
  return r < 0 ? r : (long)v;
}
int main(void) {
  int t = SC(timerfd_create, CLOCK_MONOTONIC, O_NONBLOCK | O_CLOEXEC);
  struct itimerspec it = { { 0, 0 }, { 0, 10000000 } }, old;
  E("unarmed", get(t));
  E("set", SC(timerfd_settime, t, 0, &it, 0));
  E("not yet", get(t));
  msleep(15);
  V("expired", get(t));
  E("once", get(t));
  it.it_interval.tv_nsec = 5000000;
  SC(timerfd_settime, t, 0, &it, 0);
  msleep(60);
  long n = get(t);
  printf("several %d\n", n >= 5 && n <= 40);
  SC(timerfd_gettime, t, &old);
  printf("interval %ld next within %d\n", old.it_interval.tv_nsec, old.it_value.tv_nsec <= 5000000);
  it = (struct itimerspec){ { 0, 0 }, { 0, 0 } };
  SC(timerfd_settime, t, 0, &it, &old);
  printf("old interval %ld\n", old.it_interval.tv_nsec);
  msleep(10);
  E("disarmed", get(t));
  clock_gettime(CLOCK_MONOTONIC, &it.it_value);
  it.it_value.tv_nsec += 10000000;
  if (it.it_value.tv_nsec >= 1000000000) {
    it.it_value.tv_sec++;
    it.it_value.tv_nsec -= 1000000000;
  }
  SC(timerfd_settime, t, TFD_TIMER_ABSTIME, &it, 0);
  struct pollfd f = { t, POLLIN, 0 };
  V("poll", ppoll(&f, 1, 0, 0));
  V("absolute", get(t));
  it.it_value = (struct timespec){ 0, 1 };
  SC(timerfd_settime, t, TFD_TIMER_ABSTIME, &it, 0);
  msleep(1);
  V("in the past", get(t));
  int b = SC(timerfd_create, CLOCK_REALTIME, 0);
  it.it_value = (struct timespec){ 0, 5000000 };
  SC(timerfd_settime, b, 0, &it, 0);
  V("blocking", get(b));
  E("bad clock", SC(timerfd_create, 99, 0));
  E("bad flags", SC(timerfd_create, 0, 1));
  it.it_value.tv_nsec = 1000000000;
  E("bad nsec", SC(timerfd_settime, t, 0, &it, 0));
  E("short", read(t, &n, 4));
  E("not a timer", SC(timerfd_settime, 0, 0, &it, 0));
  E("write", write(t, &n, 8));
}
