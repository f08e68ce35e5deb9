// sched_setaffinity(2), sched_setscheduler(2), getpriority(2), sched_yield(2), getcpu(2): masks, policies, nice values, errors.
#include "t.h"
int main(void) {
  u64 m[16] = { 0 };
  long n = SC(sched_getaffinity, 0, sizeof m, m);
  printf("affinity bytes %d cpu0 %d\n", n > 0 && n % 8 == 0, (int)(m[0] & 1));
  E("small", SC(sched_getaffinity, 0, 1, m));
  m[0] = 1;
  E("pin to 0", SC(sched_setaffinity, 0, 8, m));
  m[0] = 0;
  E("empty mask", SC(sched_setaffinity, 0, 8, m));
  E("none", SC(sched_getaffinity, 99999, 128, m));
  unsigned c = 9, node = 9;
  E("getcpu", SC(getcpu, &c, &node, 0));
  printf("cpu %u node %u\n", c, node);
  E("yield", sched_yield());
  V("policy", SC(sched_getscheduler, 0));
  int prio = 0;
  E("other prio 0", SC(sched_setscheduler, 0, 0, &prio));
  prio = 1;
  E("other prio 1", SC(sched_setscheduler, 0, 0, &prio));
  prio = 5;
  E("fifo 5", SC(sched_setscheduler, 0, 1, &prio));
  V("policy", SC(sched_getscheduler, 0));
  prio = 0;
  SC(sched_getparam, 0, &prio);
  printf("param %d\n", prio);
  prio = 100;
  E("fifo 100", SC(sched_setscheduler, 0, 1, &prio));
  prio = 0;
  E("batch", SC(sched_setscheduler, 0, 3, &prio));
  E("bad policy", SC(sched_setscheduler, 0, 42, &prio));
  SC(sched_setscheduler, 0, 0, &prio);
  V("max fifo", SC(sched_get_priority_max, 1));
  V("min fifo", SC(sched_get_priority_min, 1));
  V("max other", SC(sched_get_priority_max, 0));
  E("max bad", SC(sched_get_priority_max, 42));
  V("nice 0 raw", SC(getpriority, 0, 0));
  E("nice 5", SC(setpriority, 0, 0, 5));
  V("raw", SC(getpriority, 0, 0));
  E("clamped", SC(setpriority, 0, 0, 100));
  V("raw", SC(getpriority, 0, 0));
  E("root lowers", SC(setpriority, 0, 0, -3));
  long pid = fork();
  if (pid == 0) {
    V("inherited raw", SC(getpriority, 0, 0));
    SC(setresuid, 5, 5, 5);
    E("user lowers", SC(setpriority, 0, 0, -4));
    E("user raises", SC(setpriority, 0, 0, 1));
    prio = 1;
    E("user fifo", SC(sched_setscheduler, 0, 1, &prio));
    exit(0);
  }
  reap("child", pid);
  E("bad which", SC(getpriority, 9, 0));
  E("none", SC(getpriority, 0, 99999));
}
