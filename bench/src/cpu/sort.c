// qsort(3) of some million numbers: a callback through a pointer for every comparison. The library's algorithm is the contender's own.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#define N 3500000

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

int main(void) {
  uint32_t *v = malloc(N * sizeof *v), seed = 12345, sum = 0;
  if (!v) return 1;
  for (int i = 0; i < N; i++) v[i] = seed = seed * 1664525u + 1013904223u;
  qsort(v, N, sizeof *v, compare);
  for (int i = 0; i < N; i++) sum = (sum << 1 | sum >> 31) ^ v[i];
  printf("sort %08x\n", sum);
  return 0;
}
