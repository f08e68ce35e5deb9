// mmap(2), mprotect(2), sigaction(2): faults of every kind (demand zero, copy on write, read-only, no access, unmapped, past the end of a file) at every kind of
// place in code that has run often before: in the middle of a block, in a called function, in a loop, deep in a recursion. The handler repairs what is wrong
// and the interrupted instruction runs again: whatever was in registers must still be there.
#include "t.h"
#define PAGES 6
#define N (PAGES * PAGE / 8)
static u64 *buffer;
static int file = -1, faults, kind, last_code;
static long last_page;
static void repair(int sig, siginfo_t *si, void *uc) {
  char *page = (char *)((u64)si->si_addr & -PAGE);
  faults++;
  last_code = si->si_code;
  last_page = (page - (char *)buffer) / PAGE;
  if (sig == SIGBUS) must(ftruncate(file, (last_page + 1) * PAGE));
  else if (si->si_code == SEGV_MAPERR) must(mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  else must(mprotect(page, PAGE, PROT_READ | PROT_WRITE));
}
/** Many values are live around each access; `p` is touched in the middle of straight code. */
__attribute__((noinline)) static u64 block(volatile u64 *p, u64 x) {
  u64 a = x * 3, b = x ^ 0x1234, c = a + b, d = c << 7, e = d - a, f = e ^ b;
  p[0] += a;
  a = a * 5 + 1; b += c; c ^= d; d += e; e = e * 9; f += 77;
  p[1] = p[3] + b;
  a ^= f; b = b * 7; c += a; d ^= b;
  p[2] ^= p[0] + d;
  f -= c; e ^= d;
  return a + 3 * b + 5 * c + 7 * d + 11 * e + 13 * f + p[1] + p[2];
}
__attribute__((noinline)) static u64 put_one(u64 *p, u64 v) { u64 old = *p; *p = v; return old * 31 + v; }
__attribute__((noinline)) static u64 called(u64 *p, u64 x) {
  u64 sum = x, other = ~x;
  for (long i = 0; i < N; i += 64) { sum = sum * 17 + put_one(p + i, sum + i); other ^= sum; }
  return sum + other;
}
__attribute__((noinline)) static u64 loop(u64 *p, u64 x) {
  u64 h = x, k = 1, m = 2;
  for (long i = 0; i < N; i++) { p[i] += h ^ i; h = h * 33 + p[i]; k += h >> 3; m ^= k; }
  return h + k + m;
}
__attribute__((noinline)) static u64 deep(u64 *p, long n, u64 x) {
  u64 local = x * 3 + n;
  if (n == 0) return local;
  u64 r = deep(p, n - 1, local ^ 5);
  p[n * 20 % N] += r;
  return r * 7 + local + p[(n * 20 + 1) % N];
}
__attribute__((noinline)) static u64 byte_loop(u8 *p, u64 x) {
  for (long i = 0; i < PAGES * PAGE - 8; i += 509) { *(volatile u64 *)(p + i) += x; x += p[i] * 3 + 1; }
  return x;
}
static u64 run(int place, u64 *p, u64 x) {
  switch (place) {
    case 0: { u64 s = x; for (long i = 0; i < PAGES; i++) s = s * 3 + block(p + i * PAGE / 8 + 500, s); return s; }
    case 1: return called(p, x);
    case 2: return loop(p, x);
    case 3: return deep(p, 150, x);
    default: return byte_loop((u8 *)p, x);
  }
}
static const char *const kinds[] = {"demand zero", "copy on write", "read-only", "no access", "unmapped", "past the end", "shared file"};
static const char *const places[] = {"block", "called", "loop", "recursion", "misaligned"};
static void fresh(void) {
  if (file >= 0) close(file);
  file = -1;
  if (kind == 5 || kind == 6) {
    file = must(open("f", O_RDWR | O_CREAT | O_TRUNC, 0600));
    if (kind == 6) must(ftruncate(file, PAGES * PAGE));
    else must(ftruncate(file, 100));
    must(mmap(buffer, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0));
    return;
  }
  must(mmap(buffer, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  if (kind == 0) return;
  for (long i = 0; i < N; i++) buffer[i] = i * 0x9e3779b97f4a7c15;
  if (kind == 2) must(mprotect(buffer, PAGES * PAGE, PROT_READ));
  if (kind == 3) must(mprotect(buffer + PAGE / 8, PAGES * PAGE - 2 * PAGE, PROT_NONE));
  if (kind == 4) must(munmap(buffer + 2 * PAGE / 8, 3 * PAGE));
}
static int in_child(void *place) {
  printf("  child %lx\n", run((long)place, buffer, 5));
  return 0;
}
int main(void) {
  buffer = (u64 *)(must(mmap(0, (PAGES + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) + PAGE);
  u64 *warm = (u64 *)must(mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  sigact(SIGSEGV, repair, SA_SIGINFO, 0);
  sigact(SIGBUS, repair, SA_SIGINFO, 0);
  for (int place = 0; place < 5; place++) {
    u64 h = 0;
    for (int i = 0; i < 60; i++) h = h * 3 + run(place, warm, i);
    printf("%s, warm: %lx\n", places[place], h);
  }
  for (kind = 0; kind < 7; kind++) for (int place = 0; place < 5; place++) {
    faults = 0; last_code = 0; last_page = -1;
    fresh();
    if (kind == 1) reap("  child", spawn(in_child, (void *)(long)place));
    u64 r = run(place, buffer, 5), h = 0;
    for (long i = 0; i < N; i++) h = h * 31 + buffer[i];
    printf("%s, %s: %lx, memory %lx, %d faults, the last in page %ld with code %d\n", kinds[kind], places[place], r, h, faults, last_page, last_code);
  }
  // Left by longjmp instead of repaired: what was written before is there.
  kind = 3;
  for (int place = 0; place < 5; place++) {
    fresh();
    FAULT(places[place], buffer, run(place, buffer, 5));
    must(mprotect(buffer, PAGES * PAGE, PROT_READ | PROT_WRITE));
    u64 h = 0;
    for (long i = 0; i < N; i++) h = h * 31 + buffer[i];
    printf("  memory %lx\n", h);
  }
}
