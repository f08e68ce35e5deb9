// For the test of profiles: three functions deep, half of the instructions in `inner`, none of them with a frame pointer. Compiled to bench/guest/calls.elf by
// node tools/elf-check.mjs
static volatile unsigned long sink;

__attribute__((noinline)) void inner(long n) { while (n--) sink += n; }
__attribute__((noinline)) long middle(long n) {
  for (long i = 0; i < n; i++) { inner(100); for (int k = 0; k < 100; k++) sink ^= k; }
  return sink;
}
__attribute__((noinline)) long outer(long n) { return middle(n) + 1; }

void _start(void) {
  outer(5000);
  register long a0 asm("a0") = 7, a7 asm("a7") = 94;
  asm volatile("ecall" : : "r"(a0), "r"(a7));
  for (;;) {}
}
