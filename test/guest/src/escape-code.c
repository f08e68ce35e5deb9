// Attacks through code made at run time (SECURITY.md, "User space against the kernel"): sprayed, changed, hidden inside other instructions, mapped away while
// it is hot. What runs is always what the pages say, and only where they may be executed. RISC-V unprivileged specification, "Zifencei".
// qemu-user runs stale code where pages have a second mapping, so nothing here can record this.
// oracle: man
#include "t.h"
#define LI(n) (((u32)(n) << 20) | 0x513)  /* addi a0, zero, n */
#define RET 0x8067u
#define HOT 20000
typedef long (*fn)(long);
static void sync_code(void) { SC(riscv_flush_icache, 0, -1, 0); }
static u32 *room(long pages, int prot) { return mmap(0, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void returns(u32 *at, int n) { at[0] = LI(n); at[1] = RET; sync_code(); }
static long hot(void *f, long n) {
  long sum = 0;
  for (long i = 0; i < n; i++) sum += ((fn)f)(i);
  return sum;
}
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)
int main(void) {
  u32 *c = room(4, RWX);
  returns(c, 1);
  V("hot code", hot(c, HOT));
  returns(c, 2);
  V("changed", hot(c, HOT));
  // Instructions inside instructions: the upper half of a lui is a return.
  for (int i = 0; i < 1024; i++) c[i] = 0x80820537;
  c[1024] = RET;
  sync_code();
  long sum = 0;
  for (int i = 0; i < 1024; i++) sum += ((fn)((char *)c + 4 * i + 2))(i);
  V("a thousand returns hidden in constants", sum);
  V("the constants themselves", ((fn)c)(0));
  V("and again from inside", hot((char *)c + 2, 100));
  // A spray: functions everywhere, each its own number.
  u32 *s = room(256, RWX);
  for (int i = 0; i < 256 * 1024; i += 2) s[i] = LI(i / 2 % 2048), s[i + 1] = RET;
  sync_code();
  sum = 0;
  for (int i = 0; i < 128 * 1024; i += 37) sum += ((fn)(s + 2 * i))(0);
  V("a sprayed megabyte", sum);
  // Where nothing may be executed.
  u32 *d = room(1, PROT_READ | PROT_WRITE);
  returns(d, 3);
  FAULT("data", d, ((fn)d)(0));
  mprotect(d, PAGE, PROT_READ | PROT_EXEC);
  V("data that has become code", hot(d, HOT));
  FAULT("and cannot be written", d, *(volatile u32 *)d = 0);
  mprotect(d, PAGE, PROT_READ | PROT_WRITE);
  FAULT("and has become data again", d, ((fn)d)(0));
  mprotect(d, PAGE, PROT_NONE);
  FAULT("and nothing at all", d, ((fn)d)(0));
  // A region whose second page loses its right while the first is hot.
  u32 *b = room(2, RWX);
  for (int i = 0; i < 1024; i++) b[i] = 0x13;
  b[1024] = LI(4);
  b[1025] = RET;
  sync_code();
  V("over a page's end", hot(b + 1000, HOT));
  mprotect(b + 1024, PAGE, PROT_READ | PROT_WRITE);
  FAULT("into a page that is data now", b, ((fn)(b + 1000))(0));
  mprotect(b + 1024, PAGE, RWX);
  b[1023] = 0;
  sync_code();
  FAULT("an illegal instruction in hot code", b, ((fn)(b + 1000))(0));
  // Mapped away, and something else put there.
  returns(c, 5);
  hot(c, HOT);
  munmap(c, 4 * PAGE);
  FAULT("unmapped", c, ((fn)c)(0));
  must(mmap(c, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  FAULT("zeroes in its place", c, ((fn)c)(0));
  returns(c, 6);
  V("other code in its place", hot(c, HOT));
  // Shared by two processes, and by one with itself.
  u32 *shared = mmap(0, PAGE, RWX, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  returns(shared, 7);
  hot(shared, HOT);
  long pid = fork();
  if (pid == 0) {
    returns(shared, 8);
    exit(hot(shared, HOT) == 8 * HOT);
  }
  reap("the child changes it", pid);
  sync_code();
  V("and the parent sees it", hot(shared, HOT));
  u32 *own = room(1, RWX);
  returns(own, 9);
  hot(own, HOT);
  pid = fork();
  if (pid == 0) {
    returns(own, 10);
    exit(hot(own, 10) == 100);
  }
  reap("the child changes its copy", pid);
  V("and the parent's stays", hot(own, HOT));
  int f = SC(memfd_create, "code", 0);
  ftruncate(f, PAGE);
  u32 *writable = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0), *runs = mmap(0, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, f, 0);
  returns(writable, 11);
  V("written through another mapping", hot(runs, HOT));
  returns(writable, 12);
  V("and changed", hot(runs, HOT));
  u32 words[2] = { LI(13), RET };
  pwrite(f, words, 8, 0);
  sync_code();
  V("by a system call", hot(runs, HOT));
  ftruncate(f, 0);
  FAULT("and cut off", runs, ((fn)runs)(0));
  // Code that changes itself at every turn: the constant grows by one.
  u32 *g = room(1, RWX);
  static const u32 grow[] = {
    0x00000297,  // auipc t0, 0
    0x0142a303,  // lw t1, 20(t0)
    0x001003b7,  // lui t2, 0x100
    0x00730333,  // add t1, t1, t2
    0x0062aa23,  // sw t1, 20(t0)
    LI(0),       // patched
    RET,
  };
  memcpy(g, grow, sizeof grow);
  sync_code();
  sum = 0;
  for (int i = 0; i < 500; i++) {
    ((fn)g)(0);
    sync_code();
    sum += ((fn)(g + 5))(0);
  }
  V("code that changes itself", sum);
}
