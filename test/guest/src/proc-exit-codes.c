// wait4(2): the low eight bits of exit_group(2) reach the parent; a thread's exit(2) of the only thread counts the same.
#include "t.h"
static int ret(void *arg) { return (long)arg; }
static int by_exit(void *arg) { thread_exit((long)arg); }
int main(void) {
  static const int codes[] = { 0, 1, 42, 127, 128, 255, 256, 257, -1 };
  for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
    printf("exit_group(%d) ", codes[i]);
    reap("is", spawn(ret, (void *)(long)codes[i]));
  }
  reap("exit(7)", spawn(by_exit, (void *)7));
  return 3;
}
