// fork(2): new pid, parent's ppid, same group, session, credentials; no pending signals; same mask; timers not inherited.
#include "t.h"
int main(void) {
  long me = getpid(), pg = getpgid(0), sid = getsid(0);
  sigmask(SIG_SETMASK, bit(SIGUSR1) | bit(SIGTERM));
  kill(me, SIGUSR1);
  struct __kernel_old_itimerval {
    struct timeval i, v;
  } it = { { 0, 0 }, { 100, 0 } };
  SC(setitimer, ITIMER_REAL, &it, 0);
  printf("parent pending %lx\n", sigpend());
  long pid = fork();
  if (pid == 0) {
    printf("ppid %d pid-differs %d tid==pid %d\n", getppid() == me, getpid() != me, gettid() == getpid());
    printf("group %d session %d\n", getpgid(0) == pg, getsid(0) == sid);
    printf("mask %lx pending %lx\n", getmask(), sigpend());
    SC(getitimer, ITIMER_REAL, &it);
    printf("timer %ld\n", it.v.tv_sec);
    exit(0);
  }
  reap("child", pid);
  SC(getitimer, ITIMER_REAL, &it);
  printf("parent timer runs %d\n", it.v.tv_sec >= 98);
}
