// seccomp(2) strict mode: read, write, exit and rt_sigreturn only, anything else is SIGKILL; PR_GET_SECCOMP kills too; no filter afterwards.
#include "seccomp.h"
static int prctl_child(void *a) {
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
  write(1, "alive\n", 6);
  getpid();
  write(1, "never\n", 6);
  return 0;
}
static int exit_child(void *a) {
  E("strict", SC(seccomp, SECCOMP_SET_MODE_STRICT, 0, 0));
  write(1, "leaving\n", 8);
  SC(exit, 5);
  return 0;
}
static int group_child(void *a) {
  SC(seccomp, SECCOMP_SET_MODE_STRICT, 0, 0);
  return 0;
}
static int ask_child(void *a) {
  SC(seccomp, SECCOMP_SET_MODE_STRICT, 0, 0);
  prctl(PR_GET_SECCOMP);
  return 0;
}
static int after_filter(void *a) {
  no_new_privs();
  E("filter", FILTER(RET(SECCOMP_RET_ALLOW)));
  V("mode", prctl(PR_GET_SECCOMP));
  E("strict after a filter", SC(seccomp, SECCOMP_SET_MODE_STRICT, 0, 0));
  E("the same by prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
  return 0;
}
static int worker(void *a) {
  SC(seccomp, SECCOMP_SET_MODE_STRICT, 0, 0);
  getpid();
  write(1, "never\n", 6);
  return 0;
}
static int thread_child(void *a) {
  struct thread t;
  thread_start(&t, worker, 0);
  msleep(50);
  printf("the other thread lives\n");
  return 3;
}
int main(void) {
  V("mode", prctl(PR_GET_SECCOMP));
  E("flags", SC(seccomp, SECCOMP_SET_MODE_STRICT, 1, 0));
  E("args", SC(seccomp, SECCOMP_SET_MODE_STRICT, 0, 1));
  E("operation", SC(seccomp, 77, 0, 0));
  E("prctl mode", prctl(PR_SET_SECCOMP, 9));
  reap("getpid", spawn(prctl_child, 0));
  reap("exit", spawn(exit_child, 0));
  reap("exit_group", spawn(group_child, 0));
  reap("prctl", spawn(ask_child, 0));
  reap("after filter", spawn(after_filter, 0));
  reap("thread", spawn(thread_child, 0));
}
