// Recursive Fibonacci: calls and returns. Native gcc unrolls the recursion a few levels; so it does for riscv64.
#include <stdio.h>
#include <stdlib.h>
static unsigned long long fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int main(int argc, char **argv) {
  printf("fib %llu\n", fib(argc > 1 ? atoi(argv[1]) : 42));
  return 0;
}
