// sched_setattr(2), sched_getattr(2): slices of fair tasks, deadline parameters and who may have them, what fork makes of it, sizes of the struct.
#include "t.h"
struct attr {
  unsigned size, policy;
  u64 flags;
  int nice;
  unsigned priority;
  u64 runtime, deadline, period;
  unsigned min, max;
};
static struct attr a;
static long set(unsigned policy, u64 runtime, u64 deadline, u64 period) {
  a = (struct attr){ .size = 56, .policy = policy, .runtime = runtime, .deadline = deadline, .period = period };
  return SC(sched_setattr, 0, &a, 0);
}
static void get(const char *label) {
  a = (struct attr){ 0 };
  long r = SC(sched_getattr, 0, &a, 56, 0);
  printf("%s: %ld size %u policy %u flags %lu nice %d priority %u runtime %lu deadline %lu period %lu\n", label, r, a.size, a.policy, a.flags, a.nice, a.priority,
         a.policy != 6 && a.runtime > 300000 && a.runtime < 10000000 && a.runtime != 1000000 ? 0 : a.runtime, a.deadline, a.period);
}
#define MS 1000000ul
int main(void) {
  get("at first");
  E("slice", set(0, MS, 0, 0));
  get("1 ms");
  E("tiny", set(0, 10, 0, 0));
  get("tiny");
  E("huge", set(3, 5000 * MS, 0, 0));
  get("huge");
  int prio = 0;
  E("setscheduler", SC(sched_setscheduler, 0, 0, &prio));
  get("keeps the slice");
  long pid = fork();
  if (pid == 0) {
    get("child");
    exit(0);
  }
  reap("child", pid);
  E("default", set(0, 0, 0, 0));
  get("default");
  E("deadline", set(6, 10 * MS, 30 * MS, 100 * MS));
  get("deadline");
  V("policy", SC(sched_getscheduler, 0));
  E("fork", fork());
  struct { long s, n; } tv = { 9, 9 };
  E("interval", SC(sched_rr_get_interval, 0, &tv));
  printf("interval %ld %ld\n", tv.s, tv.n);
  E("setparam", SC(sched_setparam, 0, &prio));
  a = (struct attr){ .size = 56, .policy = 6, .flags = 1, .runtime = 5 * MS, .deadline = 20 * MS };
  E("reset on fork", SC(sched_setattr, 0, &a, 0));
  get("period is deadline");
  pid = fork();
  if (pid == 0) {
    get("child of deadline");
    exit(0);
  }
  reap("child", pid);
  E("no runtime", set(6, 0, 30 * MS, 30 * MS));
  E("runtime 1000 ns", set(6, 1000, 30 * MS, 30 * MS));
  E("runtime 1024 ns", set(6, 1024, 30 * MS, 30 * MS));
  E("runtime > deadline", set(6, 31 * MS, 30 * MS, 100 * MS));
  E("deadline > period", set(6, 1 * MS, 30 * MS, 20 * MS));
  E("period 99 us", set(6, 50000, 99000, 99000));
  E("period 100 us", set(6, 5000, 100000, 100000));
  E("period 4.2 s", set(6, 50000, 4200 * MS, 4200 * MS));
  a = (struct attr){ .size = 56, .policy = 6, .priority = 1, .runtime = 5 * MS, .deadline = 20 * MS };
  E("with a priority", SC(sched_setattr, 0, &a, 0));
  E("setscheduler to deadline", SC(sched_setscheduler, 0, 6, &prio));
  a = (struct attr){ .size = 56, .policy = 0, .nice = 7, .flags = 8 };
  E("keep policy", SC(sched_setattr, 0, &a, 0));
  E("back", set(0, 0, 0, 0));
  a = (struct attr){ .size = 56, .policy = 1, .nice = 7, .priority = 3 };
  E("fifo", SC(sched_setattr, 0, &a, 0));
  get("fifo ignores nice");
  a = (struct attr){ .size = 56, .policy = 3, .nice = 70 };
  E("batch", SC(sched_setattr, 0, &a, 0));
  get("nice is clamped");
  a = (struct attr){ .size = 56, .policy = 0, .nice = 1, .flags = 0x10 };
  E("keep parameters", SC(sched_setattr, 0, &a, 0));
  get("kept");
  E("bad flags", (a.flags = 0x1000, SC(sched_setattr, 0, &a, 0)));
  E("bad policy", set(42, 0, 0, 0));
  a = (struct attr){ .size = 47 };
  E("small", SC(sched_setattr, 0, &a, 0));
  printf("size %u\n", a.size);
  a = (struct attr){ .size = 48, .min = 5 };
  E("first version", SC(sched_setattr, 0, &a, 0));
  E("no size for get", SC(sched_getattr, 0, &a, 40, 0));
  E("flags for get", SC(sched_getattr, 0, &a, 48, 1));
  E("get first version", SC(sched_getattr, 0, &a, 48, 0));
  printf("size %u\n", a.size);
  E("nobody", SC(sched_getattr, 99999, &a, 48, 0));
  E("null", SC(sched_setattr, 0, 0, 0));
  E("yield", sched_yield());
  pid = fork();
  if (pid == 0) {
    SC(setresuid, 5, 5, 5);
    E("user deadline", set(6, 10 * MS, 30 * MS, 100 * MS));
    E("user slice", set(0, MS, 0, 0));
    a = (struct attr){ .size = 56, .policy = 0, .nice = -1 };
    E("user nice -1", SC(sched_setattr, 0, &a, 0));
    a = (struct attr){ .size = 56, .policy = 5 };
    E("user idle", SC(sched_setattr, 0, &a, 0));
    get("idle");
    exit(0);
  }
  reap("user", pid);
}
