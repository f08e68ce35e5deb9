// fork(2): the child's memory is a copy; writes on either side stay there.
#include "t.h"
static int data = 1, bss;
int main(void) {
  int *heap = malloc(sizeof *heap);
  int local = 3;
  *heap = 2;
  struct gate g = gate();
  long pid = fork();
  if (pid == 0) {
    gate_wait(&g);
    printf("child sees %d %d %d %d\n", data, *heap, local, bss);
    data = 10;
    *heap = 20;
    local = 30;
    bss = 40;
    printf("child has %d %d %d %d\n", data, *heap, local, bss);
    exit(0);
  }
  data = 100;
  *heap = 200;
  local = 300;
  bss = 400;
  gate_open(&g);
  reap("child", pid);
  printf("parent has %d %d %d %d\n", data, *heap, local, bss);
}
