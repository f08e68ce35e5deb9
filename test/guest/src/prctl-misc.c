// prctl(2): name of a thread, no_new_privs, dumpable, keepcaps, timer slack; unknown options.
#include "t.h"
#include <linux/prctl.h>
static int thread(void *a) {
  char n[16] = "";
  prctl(PR_GET_NAME, n);
  printf("thread starts as %s\n", n);
  prctl(PR_SET_NAME, "worker");
  prctl(PR_GET_NAME, n);
  printf("thread %s\n", n);
  return 0;
}
int main(void) {
  char n[17] = "";
  E("set", prctl(PR_SET_NAME, "a name that is far too long"));
  prctl(PR_GET_NAME, n);
  printf("[%s]\n", n);
  struct thread t;
  thread_start(&t, thread, 0);
  thread_join(&t);
  prctl(PR_GET_NAME, n);
  printf("main keeps [%s]\n", n);
  char c[32];
  slurp("/proc/self/comm", c, 32);
  printf("comm %s", c);
  V("nnp", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  E("set nnp", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  V("nnp", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  E("unset nnp", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  E("nnp extra args", prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
  V("dumpable", prctl(PR_GET_DUMPABLE));
  E("set 0", prctl(PR_SET_DUMPABLE, 0));
  V("dumpable", prctl(PR_GET_DUMPABLE));
  E("set 5", prctl(PR_SET_DUMPABLE, 5));
  V("keepcaps", prctl(PR_GET_KEEPCAPS));
  V("timerslack", prctl(PR_GET_TIMERSLACK));
  E("unknown", prctl(123456, 0));
  E("bad pointer", prctl(PR_SET_NAME, 8));
  long pid = fork();
  if (pid == 0) {
    prctl(PR_GET_NAME, n);
    printf("child [%s] nnp %ld\n", n, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    exit(0);
  }
  reap("child", pid);
}
