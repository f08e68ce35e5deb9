// fork(2): a bomb of an unprivileged user meets RLIMIT_NPROC, the rest of the machine stays usable, and kill(-1) by that user ends it.
#include "t.h"
#include <linux/prctl.h>
static int bomb(void *a) {
  struct {
    u64 c, m;
  } rl = { 200, 200 };
  prlimit(0, RLIMIT_NPROC, &rl, 0);
  SC(setresuid, 1001, 1001, 1001);
  for (;;)
    if (fork() < 0) sched_yield();
}
static int cleaner(void *a) {
  SC(setresuid, 1001, 1001, 1001);
  for (int i = 0; i < 50; i++) {
    kill(-1, SIGKILL);
    msleep(2);
  }
  return 0;
}
int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  long pid = spawn(bomb, 0);
  msleep(200);
  long t = now_ms();
  reap("still usable", ({
         long p = fork();
         if (p == 0) exit(5);
         p;
       }));
  printf("quickly %d\n", now_ms() - t < 5000);
  reap("cleaner", spawn(cleaner, 0));
  int n = 0;
  while (waitpid(-1, 0, __WALL) > 0) n++;
  printf("many were reaped %d\n", n > 100);
}
