// sigaction(2): siginfo of kill, tgkill, sigqueue, alarm and a child's end.
#include "t.h"
static int child;
static void h(int sig, siginfo_t *si, void *uc) {
  printf("%s code %d", signame(sig), si->si_code);
  if (si->si_code == SI_USER || si->si_code == SI_TKILL || si->si_code == SI_QUEUE)
    printf(" pid %d uid %d", si->si_pid == getpid(), si->si_uid);
  if (sig == SIGCHLD && si->si_code > 0) printf(" child %d status %d uid %d", si->si_pid == child, si->si_status, si->si_uid);
  if (si->si_code == SI_QUEUE) printf(" value %lx", (u64)si->si_ptr);
  printf("\n");
}
static int code(void *c) {
  msleep(5);
  return (long)c;
}
static int die(void *c) {
  msleep(5);
  kill(getpid(), SIGTERM);
  return 0;
}
int main(void) {
  int sigs[] = { SIGUSR1, SIGALRM, SIGCHLD, 35 };
  for (int i = 0; i < 4; i++) sigact(sigs[i], h, SA_SIGINFO, 0);
  kill(getpid(), SIGUSR1);
  tgkill(getpid(), gettid(), SIGUSR1);
  SC(tkill, gettid(), 35);
  siginfo_t si;
  memset(&si, 0, sizeof si);
  si.si_code = SI_QUEUE;
  si.si_pid = getpid();
  si.si_uid = 77;
  si.si_ptr = (void *)0x1234567890abcdef;
  SC(rt_sigqueueinfo, getpid(), 35, &si);
  SC(rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &si);
  struct {
    struct timeval i, v;
  } it = { { 0, 0 }, { 0, 5000 } };
  SC(setitimer, ITIMER_REAL, &it, 0);
  sigsuspend(0);
  sigmask(SIG_BLOCK, bit(SIGCHLD));
  child = spawn(code, (void *)9);
  sigsuspend(0);
  waitpid(child, 0, 0);
  child = spawn(die, 0);
  sigsuspend(0);
}
