// kill(2): an unprivileged sender needs the target's real or saved uid to match; SIGCONT is free within the session.
#include "t.h"
static int idle(void *c) {
  for (;;) msleep(1000);
}
int main(void) {
  long root = spawn(idle, 0);
  long pid = fork();
  if (pid == 0) {
    long mate = fork();
    if (mate == 0) {
      SC(setresuid, 1000, 1000, 1000);
      idle(0);
    }
    msleep(20);
    SC(setresuid, 1000, 1000, 1000);
    E("root's", kill(root, 0));
    E("root's, SIGTERM", kill(root, SIGTERM));
    E("root's, SIGCONT, same session", kill(root, SIGCONT));
    E("own", kill(getpid(), 0));
    E("same uid", kill(mate, SIGKILL));
    reap("mate", mate);
    exit(0);
  }
  reap("child", pid);
  kill(root, SIGKILL);
  reap("root", root);
}
