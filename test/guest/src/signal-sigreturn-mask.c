// signal(7): several pending signals run nested, highest-priority frame last pushed; longjmp out of a handler keeps its mask.
#include "t.h"
static jmp_buf env;
static void jump(int s) { longjmp(env, s); }
static void log_(int s) { printf("%s\n", signame(s)); }
int main(void) {
  sigact(SIGUSR1, jump, 0, 0);
  int r = setjmp(env);
  if (r == 0) raise(SIGUSR1);
  printf("jumped %d mask %lx\n", r, getmask());
  sigmask(SIG_SETMASK, 0);
  int sigs[] = { SIGTERM, SIGHUP, SIGUSR2, SIGINT };
  mask_t all = 0;
  for (int i = 0; i < 4; i++) {
    sigact(sigs[i], log_, 0, ~0ul);
    all |= bit(sigs[i]);
  }
  sigmask(SIG_BLOCK, all);
  for (int i = 0; i < 4; i++) raise(sigs[i]);
  sigmask(SIG_SETMASK, 0);
  printf("mask %lx pending %lx\n", getmask(), sigpend());
}
