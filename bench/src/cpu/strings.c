// memcpy and strlen as plain loops over bytes and words, compiled for scalar code: what a libc without vector instructions does.
#include <stdint.h>
#include <stdio.h>
#define SCALAR __attribute__((noinline, optimize("no-tree-vectorize", "no-tree-loop-distribute-patterns")))
#ifdef __clang__
#undef SCALAR
#define SCALAR __attribute__((noinline))
#endif

SCALAR static void copy(uint64_t *restrict to, const uint64_t *restrict from, size_t words) {
#ifdef __clang__
#pragma clang loop vectorize(disable) interleave(disable)
#endif
  for (size_t i = 0; i < words; i++) { to[i] = from[i]; __asm__ volatile("" ::: "memory"); }
}

SCALAR static size_t length(const char *s) {
  const char *at = s;
  while (*at) at++;
  return at - s;
}

int main(void) {
  static uint64_t a[2048], b[2048];
  size_t sum = 0;
  for (int i = 0; i < 2048; i++) a[i] = 0x2020202020202020ull + i;
  ((char *)a)[sizeof a - 1] = 0;
  for (int round = 0; round < 240000; round++) {
    copy(round & 1 ? a : b, round & 1 ? b : a, 2048);
    sum += length((char *)b + (round & 63)) + length((char *)a + 8192);
  }
  printf("strings %zu\n", sum);
  return 0;
}
