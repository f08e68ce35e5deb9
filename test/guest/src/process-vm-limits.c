// getrlimit(2): RLIMIT_AS makes mmap and brk answer ENOMEM.
#include "t.h"
int main(void) {
  struct {
    u64 cur, max;
  } rl = { 16 * MB, 16 * MB };
  E("set", prlimit(0, RLIMIT_AS, &rl, 0));
  E("too much", mmap(0, 64 * MB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  E("some", mmap(0, 4 * MB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char *b = (char *)brk(0);
  printf("brk refused %d\n", (char *)brk(b + 32 * MB) == b);
  E("bad resource", prlimit(0, 99, &rl, 0));
  rl.cur = rl.max + 1;
  E("cur above max", prlimit(0, RLIMIT_AS, &rl, 0));
}
