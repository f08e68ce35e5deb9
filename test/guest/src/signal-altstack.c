// sigaltstack(2): handlers with SA_ONSTACK run there; SS_ONSTACK while on it, EPERM to change it then; SS_DISABLE; ENOMEM when too small.
#include "t.h"
static char stack[32768];
static int on(void) {
  char c;
  return &c >= stack && &c < stack + sizeof stack;
}
static void h(int sig) {
  stack_t ss, n = { .ss_flags = SS_DISABLE };
  SC(sigaltstack, 0, &ss);
  printf("on %d flags %d change %s\n", on(), ss.ss_flags, err(SC(sigaltstack, &n, 0)));
}
static void overflow(int n) {
  volatile char frame[4096];
  frame[0] = n;
  if (n >= 0) overflow(n + 1);
  frame[1] = 0;
}
static void segv(int sig) {
  printf("overflow caught on altstack %d\n", on());
  exit(0);
}
int main(void) {
  stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack };
  E("set", SC(sigaltstack, &ss, 0));
  sigact(SIGUSR1, h, SA_ONSTACK, 0);
  raise(SIGUSR1);
  sigact(SIGUSR1, h, 0, 0);
  raise(SIGUSR1);
  SC(sigaltstack, 0, &ss);
  printf("now flags %d\n", ss.ss_flags);
  ss = (stack_t){ .ss_sp = stack, .ss_size = 1024 };
  E("small", SC(sigaltstack, &ss, 0));
  ss = (stack_t){ .ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 77 };
  E("flags", SC(sigaltstack, &ss, 0));
  E("bad pointer", SC(sigaltstack, 8, 0));
  ss = (stack_t){ .ss_sp = stack, .ss_size = sizeof stack };
  SC(sigaltstack, &ss, 0);
  sigact(SIGSEGV, segv, SA_ONSTACK, 0);
  overflow(0);
}
