// setrlimit(2): without any CPU time left by RLIMIT_CPU a process ends, be it asleep in vfork(2) (its child as well: limits are inherited) or running.
#include "t.h"
#include <linux/resource.h>

static int vforks(void *none) {
  u64 l[2] = { 0, 0 };
  must(SC(prlimit64, 0, RLIMIT_CPU, l, 0));
  if (vfork() == 0) {
    for (;;) ;
  }
  for (;;) ;
}
static int spins(void *none) {
  u64 l[2] = { 0, 0 };
  must(SC(prlimit64, 0, RLIMIT_CPU, l, 0));
  for (;;) ;
}

int main(void) {
  must(SC(prctl, 36, 1, 0, 0, 0)); // PR_SET_CHILD_SUBREAPER
  reap("running", spawn(spins, 0));
  reap("vfork", spawn(vforks, 0));
  int status;
  long pid = waitpid(-1, &status, 0);
  if (pid > 0) pstat("its child", status);
  return 0;
}
