// wait4(2): WNOHANG answers 0 while children live, and leaves the status alone.
#include "t.h"
static int waiter(void *g) {
  gate_wait(g);
  return 6;
}
int main(void) {
  struct gate g = gate();
  long pid = spawn(waiter, &g);
  int st = 1234;
  V("alive", waitpid(pid, &st, WNOHANG));
  printf("status %d\n", st);
  V("any", waitpid(-1, &st, WNOHANG));
  gate_open(&g);
  await_state(pid, 'Z');
  printf("zombie %d\n", waitpid(pid, &st, WNOHANG) == pid);
  pstat("was", st);
}
