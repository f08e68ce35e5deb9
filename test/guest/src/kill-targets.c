// kill(2): a process, its group (0 and -pgid), signal 0, and the errors.
#include "t.h"
static int idle(void *c) {
  for (;;) msleep(1000);
}
int main(void) {
  sigact(SIGUSR1, SIG_IGN, 0, 0);
  setpgid(0, 0);
  long a = spawn(idle, 0), b = spawn(idle, 0), c = spawn(idle, 0);
  setpgid(b, b);
  setpgid(c, b);
  E("exists", kill(a, 0));
  E("none", kill(99999, 0));
  E("no group", kill(-99999, SIGTERM));
  E("bad signal", kill(a, 65));
  E("bad signal", kill(a, -1));
  E("group", kill(-b, SIGTERM));
  reap("b", b);
  reap("c", c);
  E("my group, ignored by me", kill(0, SIGUSR1));
  E("still there", kill(a, 0));
  kill(a, SIGKILL);
  reap("a", a);
  E("tgkill wrong group", tgkill(1, gettid(), 0));
  E("tgkill bad tid", tgkill(getpid(), -1, 0));
  E("tkill none", SC(tkill, 99999, 0));
}
