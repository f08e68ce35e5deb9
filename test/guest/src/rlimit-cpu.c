// getrlimit(2) RLIMIT_CPU: SIGXCPU at the soft limit, SIGKILL at the hard one.
#include "t.h"
static void h(int s) { printf("%s\n", signame(s)); }
static int soft(void *a) {
  struct {
    u64 c, m;
  } r = { 1, 5 };
  prlimit(0, RLIMIT_CPU, &r, 0);
  for (;;);
}
static int hard(void *a) {
  struct {
    u64 c, m;
  } r = { 1, 1 };
  sigact(SIGXCPU, h, 0, 0);
  prlimit(0, RLIMIT_CPU, &r, 0);
  for (;;);
}
int main(void) {
  reap("soft", spawn(soft, 0));
  reap("hard", spawn(hard, 0));
}
