// clock_nanosleep(2): relative, absolute, remaining time after a signal, errors.
#include "t.h"
static void h(int s) {}
int main(void) {
  long t = now_ms();
  struct timespec ts = { 0, 20000000 }, rem = { 9, 9 };
  E("relative", SC(clock_nanosleep, CLOCK_MONOTONIC, 0, &ts, &rem));
  printf("slept %d rem untouched %ld\n", now_ms() - t >= 20, rem.tv_sec);
  clock_gettime(CLOCK_REALTIME, &ts);
  E("absolute past", SC(clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &ts, 0));
  ts.tv_nsec += 20000000;
  if (ts.tv_nsec >= 1000000000) {
    ts.tv_nsec -= 1000000000;
    ts.tv_sec++;
  }
  t = now_ms();
  E("absolute", SC(clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &ts, 0));
  printf("slept %d\n", now_ms() - t >= 15);
  sigact(SIGALRM, h, SA_RESTART, 0);
  struct {
    struct timeval i, v;
  } it = { { 0, 0 }, { 0, 20000 } };
  SC(setitimer, 0, &it, 0);
  ts = (struct timespec){ 5, 0 };
  E("interrupted", nanosleep(&ts, &rem));
  printf("remaining %d\n", rem.tv_sec == 4);
  E("zero", (ts = (struct timespec){ 0, 0 }, nanosleep(&ts, 0)));
  E("bad nsec", (ts.tv_nsec = 1000000000, nanosleep(&ts, 0)));
  E("negative", (ts = (struct timespec){ -1, 0 }, nanosleep(&ts, 0)));
  ts = (struct timespec){ 0, 1 };
  E("bad clock", SC(clock_nanosleep, 55, 0, &ts, 0));
  E("thread clock", SC(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &ts, 0));
  int order[2], p[2];
  pipe(p);
  for (int i = 0; i < 2; i++)
    if (fork() == 0) {
      msleep(i ? 10 : 40);
      write(p[1], &i, 4);
      exit(0);
    }
  read(p[0], &order[0], 4);
  read(p[0], &order[1], 4);
  printf("order %d %d\n", order[0], order[1]);
  while (waitpid(-1, 0, 0) > 0);
}
