// mmap(2): a large reservation costs nothing until touched; MAP_NORESERVE; touching scattered pages works.
#include "t.h"
int main(void) {
  char *p = mmap(0, 1024 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  E("1 GiB", p);
  for (int i = 0; i < 16; i++) p[i * 64 * MB + i] = i;
  int sum = 0;
  for (int i = 0; i < 16; i++) sum += p[i * 64 * MB + i];
  printf("sum %d untouched %d\n", sum, p[500 * MB]);
  E("PROT_NONE 64 GiB", mmap(0, 65536 * MB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  E("unmap", munmap(p, 1024 * MB));
}
