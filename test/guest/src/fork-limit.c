// fork(2), getrlimit(2): RLIMIT_NPROC counts a user's processes and threads; at the limit EAGAIN; it goes on when some have ended.
#include "t.h"
static int idle(void *a) {
  for (;;) msleep(10000);
}
static int user(void *a) {
  struct {
    u64 c, m;
  } rl = { 20, 20 };
  SC(setresgid, 1000, 1000, 1000);
  SC(setresuid, 1000, 1000, 1000);
  prlimit(0, RLIMIT_NPROC, &rl, 0);
  long pid[64], n = 0, r = 0;
  while (n < 64) {
    r = fork();
    if (r == 0) idle(0);
    if (r < 0) break;
    pid[n++] = r;
  }
  printf("children %ld then %s\n", n, err(r));
  static char stack[8192];
  E("thread", clone_fn(THREAD, stack + 8192, 0, 0, 0, idle, 0));
  for (int i = 0; i < 5; i++) {
    kill(pid[i], SIGKILL);
    waitpid(pid[i], 0, 0);
  }
  int more = 0;
  while ((r = fork()) >= 0) {
    if (r == 0) idle(0);
    more++;
  }
  printf("five gone, %d more\n", more);
  kill(-1, SIGKILL);
  int reaped = 0;
  while (waitpid(-1, 0, 0) > 0) reaped++;
  printf("reaped %d\n", reaped);
  return 0;
}
int main(void) { reap("user", spawn(user, 0)); }
