// vfork(2), execve(2): a failing exec in the child leaves it running on the shared memory, and the parent sees what it stored.
#include "t.h"
static volatile long result;
int main(void) {
  long pid = vfork();
  if (pid == 0) {
    result = execve("./nowhere", NULL, NULL);
    SC(exit, 127);
  }
  printf("child stored %s\n", err(result));
  reap("child", pid);
}
