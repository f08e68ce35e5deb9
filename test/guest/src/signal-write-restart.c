// write(2), signal(7): a write to a full pipe interrupted after some bytes answers the short count; before any byte EINTR or a restart.
#include "t.h"
static void h(int sig) {}
static int p[2];
static int poke(void *arg) {
  msleep(20);
  kill(getppid(), SIGUSR1);
  return 0;
}
int main(void) {
  pipe(p);
  static char buf[80000];
  sigact(SIGUSR1, h, 0, 0);
  long pid = spawn(poke, 0);
  V("partial", write(p[1], buf, sizeof buf));
  reap("child", pid);
  pid = spawn(poke, 0);
  V("nothing", write(p[1], buf, 1));
  reap("child", pid);
  sigact(SIGUSR1, h, SA_RESTART, 0);
  pid = fork();
  if (pid == 0) {
    msleep(20);
    kill(getppid(), SIGUSR1);
    msleep(20);
    read(p[0], buf, 70000);
    exit(0);
  }
  V("restarted", write(p[1], buf, 1));
  reap("child", pid);
}
