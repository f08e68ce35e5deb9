// times(2), getrusage(2): processor time appears where it was used; children only after they were waited for.
#include "t.h"
static void burn(void) {
  struct timespec a, b;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  while ((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 60);
}
struct ru {
  struct timeval u, s;
  long maxrss, x[3], minflt, majflt, y[7], z;
};
int main(void) {
  struct {
    long u, s, cu, cs;
  } t;
  struct ru r;
  printf("times positive %d\n", SC(times, &t) >= 0);
  printf("no child time %ld\n", t.cu + t.cs);
  burn();
  SC(times, &t);
  printf("own time %d\n", t.u + t.s >= 3);
  E("rusage", SC(getrusage, 0, &r));
  printf("time %d maxrss %d faults %d\n", r.u.tv_usec + r.s.tv_usec >= 30000, r.maxrss >= 0, r.minflt > 0);
  long pid = fork();
  if (pid == 0) {
    burn();
    exit(0);
  }
  await_state(pid, 'Z');
  SC(times, &t);
  printf("before wait %ld\n", t.cu + t.cs);
  struct ru w;
  int st;
  SC(wait4, pid, &st, 0, &w);
  printf("wait4 usage %d\n", w.u.tv_usec + w.s.tv_usec >= 30000);
  SC(times, &t);
  printf("after wait %d\n", t.cu + t.cs >= 3);
  SC(getrusage, -1, &r);
  printf("children %d\n", r.u.tv_usec + r.s.tv_usec >= 30000);
  E("thread", SC(getrusage, 1, &r));
  E("bad who", SC(getrusage, 5, &r));
  printf("times(NULL) %d\n", SC(times, 0) >= 0);
}
