// prctl(2) PR_SET_CHILD_SUBREAPER: orphans go to the nearest ancestor subreaper, which can wait for them.
#include "t.h"
#include <linux/prctl.h>
int main(void) {
  int flag = -1;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_GET_CHILD_SUBREAPER, &flag);
  printf("subreaper %d\n", flag);
  long me = getpid();
  struct gate g = gate();
  long mid = fork();
  if (mid == 0) {
    prctl(PR_GET_CHILD_SUBREAPER, &flag);
    printf("inherited %d\n", flag);
    if (fork() == 0) {
      gate_wait(&g);
      printf("grandchild's parent is me: %d\n", getppid() == me);
      exit(8);
    }
    exit(1);
  }
  reap("middle", mid);
  gate_open(&g);
  int st;
  long pid = waitpid(-1, &st, 0);
  printf("another pid %d\n", pid > 0 && pid != mid);
  pstat("grandchild", st);
}
