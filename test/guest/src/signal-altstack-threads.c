// sigaltstack(2): a forked child keeps it, a thread starts without; SS_AUTODISARM; growing nested handlers on one alternate stack.
#include "t.h"
static char stack[32768];
static u64 sp[3];
static int depth;
static void nest(int s) {
  char c;
  sp[depth++] = (u64)&c;
  if (depth < 3) raise(SIGUSR1);
}
static void dis(int s) {
  stack_t o;
  SC(sigaltstack, 0, &o);
  printf("inside autodisarm flags %d\n", o.ss_flags);
}
static int body(void *a) {
  stack_t o;
  SC(sigaltstack, 0, &o);
  printf("thread flags %d\n", o.ss_flags);
  return 0;
}
int main(void) {
  stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack }, o;
  SC(sigaltstack, &ss, 0);
  struct thread t;
  thread_start(&t, body, 0);
  thread_join(&t);
  long pid = fork();
  if (pid == 0) {
    SC(sigaltstack, 0, &o);
    printf("child flags %d size %lu\n", o.ss_flags, (u64)o.ss_size);
    exit(0);
  }
  reap("child", pid);
  sigact(SIGUSR1, nest, SA_ONSTACK | SA_NODEFER, 0);
  raise(SIGUSR1);
  printf("on it %d, nested below %d %d\n", sp[0] > (u64)stack && sp[0] < (u64)stack + sizeof stack, sp[1] < sp[0], sp[2] < sp[1]);
  ss.ss_flags = 1u << 31;
  E("autodisarm", SC(sigaltstack, &ss, 0));
  sigact(SIGUSR2, dis, SA_ONSTACK, 0);
  raise(SIGUSR2);
  SC(sigaltstack, 0, &o);
  printf("after %x\n", o.ss_flags);
}
