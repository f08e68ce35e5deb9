// Calls nested deeper than any engine's stack, in code that has run often: plain recursion, two functions in turn, through pointers, left by longjmp(3) from the
// depth, interrupted by signals in the depth whose handlers recurse themselves and leave.
#include "t.h"
static volatile long deepest;
__attribute__((noinline)) static u64 plain(long n, u64 x) { return n == 0 ? x : plain(n - 1, x * 3 + n) ^ n; }
__attribute__((noinline)) static u64 even(long n, u64 x);
__attribute__((noinline)) static u64 odd(long n, u64 x) { return n == 0 ? x + 1 : even(n - 1, x * 5 + n) + 3; }
__attribute__((noinline)) static u64 even(long n, u64 x) { return n == 0 ? x : odd(n - 1, x ^ n) * 7; }
typedef u64 (*step)(long, u64);
static u64 via_a(long n, u64 x), via_b(long n, u64 x), via_c(long n, u64 x);
static volatile step table[3] = {via_a, via_b, via_c};
__attribute__((noinline)) static u64 via_a(long n, u64 x) { return n == 0 ? x : table[x % 3](n - 1, x * 7 + 1) + n; }
__attribute__((noinline)) static u64 via_b(long n, u64 x) { return n == 0 ? x : table[x % 3](n - 1, x * 11 + 2) ^ n; }
__attribute__((noinline)) static u64 via_c(long n, u64 x) { return n == 0 ? x : table[x % 3](n - 1, x + 5) * 3; }
static jmp_buf out;
__attribute__((noinline)) static u64 jumper(long n, long at) {
  if (n == at) longjmp(out, n);
  return jumper(n - 1, at) * 3 + n;
}
static int handled;
static jmp_buf from_handler;
static volatile int leave;
static void h(int s, siginfo_t *si, void *uc) {
  handled++;
  deepest = plain(3000, handled);
  if (leave) longjmp(from_handler, 1);
}
__attribute__((noinline)) static u64 signalled(long n, u64 x) {
  if (n == 0) { raise(SIGUSR1); return x; }
  u64 r = signalled(n - 1, x + n);
  if (n % 1000 == 0) raise(SIGUSR1);
  return r * 3 + n;
}
int main(void) {
  for (int i = 0; i < 40; i++) deepest += plain(200, i) + even(200, i) + via_a(200, i);
  printf("warm %lx\n", deepest);
  for (long n = 100; n <= 100000; n *= 10) printf("%ld: %lx %lx %lx\n", n, plain(n, 1), even(n, 1), via_a(n, 1));
  int jumps = 0;
  for (long i = 0; i < 300; i++) if (setjmp(out) != 0) jumps++; else jumper(20 + i * 30, 10);
  printf("jumps %d\n", jumps);
  sigact(SIGUSR1, h, SA_SIGINFO, 0);
  u64 r = signalled(10000, 1);
  printf("signalled %lx, handled %d, %lx\n", r, handled, deepest);
  leave = 1;
  int left = 0;
  for (int i = 0; i < 50; i++) {
    if (setjmp(from_handler) != 0) left++; else signalled(400 + i * 10, 1);
    sigmask(SIG_SETMASK, 0);
  }
  printf("left %d, handled %d, %lx\n", left, handled, deepest);
}
