// fork(2): a child of a thread has that thread only; wait4 works from any thread of the parent; __WNOTHREAD does not.
#include "t.h"
#define WNOTHREAD 0x20000000
static long child;
static int idle_word, tested;
static struct gate printed;
static int idle(void *a) {
  futex_wait(&idle_word, 0);
  return 0;
}
static int forker(void *a) {
  child = fork();
  if (child == 0) {
    printf("threads in the child %s leader %d\n", field("/proc/self/status", "Threads"), gettid() == getpid());
    gate_open(&printed);
    exit(9);
  }
  // Its end would make the child main's.
  futex_wait(&tested, 0);
  return 0;
}
int main(void) {
  struct thread a, b;
  printed = gate();
  thread_start(&a, idle, 0);
  thread_start(&b, forker, 0);
  while (*(volatile long *)&child == 0) msleep(1);
  gate_wait(&printed);
  E("not this thread's", waitpid(child, 0, WNOTHREAD));
  reap("any thread", child);
  tested = 1;
  futex_wake(&tested, 9);
  thread_join(&b);
  idle_word = 1;
  futex_wake(&idle_word, 9);
  thread_join(&a);
}
