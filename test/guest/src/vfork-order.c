// vfork(2): the parent is suspended until the child exits or execs, and they share memory meanwhile.
#include "t.h"
static volatile int step;
int main(int argc, char **argv) {
  if (argc > 1) {
    msleep(20);
    printf("exec'd\n");
    return 5;
  }
  long pid = vfork();
  if (pid == 0) {
    msleep(30);
    step = 1;
    SC(exit, 4);
  }
  printf("after exit step %d\n", step);
  reap("first", pid);
  pid = vfork();
  if (pid == 0) {
    step = 2;
    char *a[] = { "prog", "x", NULL };
    execve("/proc/self/exe", a, NULL);
    SC(exit, 1);
  }
  printf("after exec step %d\n", step);
  reap("second", pid);
}
