// wait(2): a zombie keeps its pid: it can be signalled without effect, is listed as Z, and is gone after the wait.
#include "t.h"
static int code(void *c) { return 3; }
int main(void) {
  long pid = spawn(code, 0);
  printf("zombie %d\n", await_state(pid, 'Z'));
  E("kill 0", kill(pid, 0));
  E("kill 9", kill(pid, SIGKILL));
  V("getpgid same", getpgid(pid) == getpgid(0));
  reap("status", pid);
  E("kill 0 after", kill(pid, 0));
  E("getpgid after", getpgid(pid));
}
