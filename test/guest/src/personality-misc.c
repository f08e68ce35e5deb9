// personality(2), syscall(2): the persona word, and unknown or unimplemented numbers answer ENOSYS.
#include "t.h"
int main(void) {
  V("query", SC(personality, 0xffffffff));
  V("set no-randomize", SC(personality, 0x40000));
  V("query", SC(personality, 0xffffffff));
  long pid = fork();
  if (pid == 0) {
    V("inherited", SC(personality, 0xffffffff));
    exit(0);
  }
  reap("child", pid);
  E("number 5000", __sc(0, 0, 0, 0, 0, 0, 5000));
  E("number -1", __sc(0, 0, 0, 0, 0, 0, -1));
}
