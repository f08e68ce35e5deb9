// fork(2), wait4(2): a hundred children, each adds its part; all are reaped exactly once.
#include "t.h"
int main(void) {
  int *sum = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 1; i <= 100; i++)
    if (fork() == 0) {
      __atomic_add_fetch(sum, i, 5);
      exit(i & 63);
    }
  int n = 0, codes = 0, st;
  while (waitpid(-1, &st, 0) > 0) {
    n++;
    codes += st >> 8;
  }
  printf("children %d sum %d codes %d then %s\n", n, *sum, codes, err(waitpid(-1, &st, 0)));
}
