// clock_gettime(2): the clocks exist, advance, agree; resolutions; setting needs privilege or is refused; errors.
#include "t.h"
static long ns(int c) {
  struct timespec t;
  long r = clock_gettime(c, &t);
  return r < 0 ? r : t.tv_sec * 1000000000 + t.tv_nsec;
}
int main(void) {
  int ids[] = { CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
                CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME,      CLOCK_TAI };
  for (int i = 0; i < 9; i++) {
    struct timespec r;
    long a = ns(ids[i]);
    printf("%d: positive %d resolution %s forward %d\n", ids[i], a >= 0, err(SC(clock_getres, ids[i], &r)), ns(ids[i]) >= a);
  }
  struct timespec r;
  SC(clock_getres, CLOCK_MONOTONIC, &r);
  printf("1 ns %d\n", r.tv_sec == 0 && r.tv_nsec == 1);
  printf("after 2020 %d\n", ns(CLOCK_REALTIME) / 1000000000 > 1577836800);
  long m = ns(CLOCK_MONOTONIC), c = ns(CLOCK_PROCESS_CPUTIME_ID);
  msleep(30);
  printf("sleep: wall %d cpu %d\n", ns(CLOCK_MONOTONIC) - m >= 30000000, ns(CLOCK_PROCESS_CPUTIME_ID) - c < 20000000);
  c = ns(CLOCK_THREAD_CPUTIME_ID);
  for (volatile int i = 0; i < 300000; i++);
  printf("work costs %d\n", ns(CLOCK_THREAD_CPUTIME_ID) > c);
  struct timeval tv;
  SC(gettimeofday, &tv, 0);
  long d = tv.tv_sec - ns(CLOCK_REALTIME) / 1000000000;
  printf("gettimeofday agrees %d\n", d >= -1 && d <= 1);
  E("bad clock", ns(77));
  E("bad pointer", clock_gettime(0, (struct timespec *)8));
  E("null getres", SC(clock_getres, 0, 0));
  long pid = fork();
  if (pid == 0) {
    SC(setresuid, 5, 5, 5);
    struct timespec t = { 1, 0 };
    E("set unprivileged", SC(clock_settime, CLOCK_REALTIME, &t));
    E("set monotonic", SC(clock_settime, CLOCK_MONOTONIC, &t));
    exit(0);
  }
  reap("child", pid);
}
