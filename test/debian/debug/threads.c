// Debugged by debug.test.ts: three threads that meet a breakpoint. Built by tools/elf-check.mjs.
#include <pthread.h>
#include <stdio.h>
static int squares[4];
int square(int n) { return n * n; }
static void *work(void *a) {
  squares[(long)a] = square((long)a);
  return a;
}
int main(void) {
  pthread_t t[3];
  for (long i = 0; i < 3; i++) pthread_create(&t[i], 0, work, (void *)(i + 1));
  for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
  printf("sum %d\n", squares[1] + squares[2] + squares[3]);
  return 0;
}
