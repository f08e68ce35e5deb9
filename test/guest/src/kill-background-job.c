// kill(2) as a shell with job control uses it (POSIX 2.11): a group of two is stopped, continued and ended; one SIGCHLD stands for both deaths
// while it is blocked, and waits that never block collect them all (wait4(2)).
#include "t.h"
static int idle(void *a) {
  for (;;) SC(ppoll, 0, 0, 0, 0, 0);
}
static volatile int signals, collected;
static void collect(int sig, siginfo_t *si, void *context) {
  int st;
  signals++;
  printf("SIGCHLD code %d status %s\n", si->si_code, signame(si->si_status));
  for (;;) {
    long r = waitpid(-1, &st, WNOHANG | WUNTRACED | WCONTINUED);
    if (r <= 0) { E("no more", r); return; }
    collected++;
    pstat("collected", st);
  }
}
static void both(const char *label, long a, long b, int how) {
  int st = 0;
  waitpid(a, &st, how);
  pstat(label, st);
  waitpid(b, &st, how);
  pstat(label, st);
  V("reported once", waitpid(-1, &st, how | WNOHANG));
}
int main(void) {
  long a = spawn(idle, 0), b = spawn(idle, 0);
  setpgid(a, a);
  setpgid(b, a);
  must(kill(-a, SIGTSTP));
  both("SIGTSTP", a, b, WUNTRACED);
  must(kill(-a, SIGTERM));
  printf("SIGTERM while stopped ends nobody: %d %d\n", await_state(a, 'T'), await_state(b, 'T'));
  sigact(SIGCHLD, collect, SA_SIGINFO, 0);
  sigmask(SIG_BLOCK, bit(SIGCHLD));
  must(kill(-a, SIGCONT));
  await_state(a, 'Z');
  await_state(b, 'Z');
  printf("pending %d, seen %d\n", sigpend() == bit(SIGCHLD), signals);
  sigmask(SIG_SETMASK, 0);
  printf("signals %d, collected %d\n", signals, collected);

  a = spawn(idle, 0), b = spawn(idle, 0);
  setpgid(a, a);
  setpgid(b, a);
  sigact(SIGCHLD, SIG_DFL, 0, 0);
  must(kill(-a, SIGTSTP));
  both("SIGTSTP", a, b, WUNTRACED);
  must(kill(-a, SIGCONT));
  both("SIGCONT", a, b, WCONTINUED);
  await_state(a, 'S'); // a continued process tells its parent when it runs again
  await_state(b, 'S');
  sigact(SIGCHLD, collect, SA_SIGINFO, 0);
  sigmask(SIG_BLOCK, bit(SIGCHLD));
  must(kill(-a, SIGTERM));
  await_state(a, 'Z');
  await_state(b, 'Z');
  sigmask(SIG_SETMASK, 0);
  printf("signals %d, collected %d\n", signals, collected);
  E("group that is gone", kill(-a, SIGTERM));
}
