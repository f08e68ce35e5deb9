// seccomp(2) SECCOMP_FILTER_FLAG_TSYNC: all threads get the filter, or none; TSYNC_ESRCH; no_new_privs travels along.
#include "seccomp.h"
static struct gate go, done;
static int own;
static int worker(void *a) {
  if (own) FILTER(RET(SECCOMP_RET_ALLOW));
  gate_open(&done);
  gate_wait(&go);
  E("thread", getppid());
  V("thread's mode", prctl(PR_GET_SECCOMP));
  V("thread's no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  return 0;
}
static int all(void *a) {
  struct thread t;
  SC(setresuid, 7, 7, 7);
  thread_start(&t, worker, 0);
  gate_wait(&done);
  no_new_privs();
  E("tsync", FILTER_FLAGS(SECCOMP_FILTER_FLAG_TSYNC, ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 7)));
  gate_open(&go);
  thread_join(&t);
  E("leader", getppid());
  return 0;
}
static int diverged(void *a) {
  struct thread t;
  own = 1;
  thread_start(&t, worker, 0);
  gate_wait(&done);
  long r = FILTER_FLAGS(SECCOMP_FILTER_FLAG_TSYNC, ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 7));
  printf("diverged: %s\n", r == t.tid ? "the thread's number" : err(r));
  E("with ESRCH", FILTER_FLAGS(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH, ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 7)));
  V("leader's mode", prctl(PR_GET_SECCOMP));
  gate_open(&go);
  thread_join(&t);
  return 0;
}
static int alone(void *a) {
  struct thread t;
  own = 0;
  thread_start(&t, worker, 0);
  gate_wait(&done);
  E("without tsync", FILTER(ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 7)));
  gate_open(&go);
  thread_join(&t);
  E("leader", getppid());
  return 0;
}
int main(void) {
  go = gate();
  done = gate();
  reap("all", spawn(all, 0));
  reap("diverged", spawn(diverged, 0));
  reap("alone", spawn(alone, 0));
}
