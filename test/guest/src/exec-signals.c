// execve(2): handlers fall back to the default, ignored stays ignored, mask and pending signals stay; the alternate stack is gone.
#include "t.h"
static void h(int s) {}
static long disposition(int sig) {
  u64 a[4] = { 0 };
  SC(rt_sigaction, sig, 0, a, 8);
  return a[0];
}
int main(int argc, char **argv) {
  stack_t ss;
  if (argc > 1) {
    printf("USR1 %ld USR2 %ld CHLD %ld\n", disposition(SIGUSR1), disposition(SIGUSR2), disposition(SIGCHLD));
    printf("mask %lx pending %lx\n", getmask(), sigpend());
    SC(sigaltstack, 0, &ss);
    printf("altstack flags %d\n", ss.ss_flags);
    return 0;
  }
  sigact(SIGUSR1, h, 0, 0);
  sigact(SIGUSR2, SIG_IGN, 0, 0);
  sigact(SIGCHLD, SIG_IGN, 0, 0);
  sigmask(SIG_SETMASK, bit(SIGTERM) | bit(SIGHUP));
  kill(getpid(), SIGTERM);
  static char stack[8192];
  ss = (stack_t){ .ss_sp = stack, .ss_size = sizeof stack };
  SC(sigaltstack, &ss, 0);
  char *args[] = { "p", "x", NULL };
  execve("/proc/self/exe", args, NULL);
}
