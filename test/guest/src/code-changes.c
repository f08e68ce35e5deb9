// Code that changes in every way but a store at its own address: through a second mapping, by the kernel (read, pwrite into a mapped file, process_vm_writev,
// /proc/self/mem, a debugger's poke), by mapping something else there (mmap(2) MAP_FIXED, mremap(2), madvise(2)), in one of two processes that share it
// copy-on-write, by a function that it calls, and while other threads run it. What it computes tells which version ran.
#include "mm.h"
#include "pt.h"
#define ROUNDS 400
/** What the loop of a round adds: it fits into an x86 instruction's byte. */
#define N(i) ((i) & 127)
#define HOT(i) ((i) % 20 ? 20 : 2000)
#define RWX (RW | PROT_EXEC)
typedef long (*fn)(long);
typedef long (*with)(long, long (*)(long));
#if defined(__riscv)
typedef u32 word;
#define ADD(v) ((u32)(v) << 20 | 0x50513)                                                  // addi a0, a0, v
#define LOOP(v) { 0x00050293, 0x00000513, ADD(v), 0xfff28293, 0xfe029ce3, 0x00008067 }     // mv t0, a0; li a0, 0; addi; addi t0, t0, -1; bnez t0, -8; ret
#define CALLER(v) { 0xff010113, 0x00113423, 0x000580e7, ADD(v), 0x00813083, 0x01010113, 0x00008067 } // calls a1, then the addi
enum { LOOP_ADDS = 2, CALLER_ADDS = 3 };
#define FENCE __asm__ volatile("fence.i" ::: "memory")
#else
typedef u8 word;
#define ADD(v) (v)
#define LOOP(v) { 0x31, 0xc0, 0x48, 0x83, 0xc0, ADD(v), 0x48, 0xff, 0xcf, 0x75, 0xf7, 0xc3 } // xor eax, eax; add rax, v; dec rdi; jnz -9; ret
#define CALLER(v) { 0x48, 0x83, 0xec, 0x08, 0xff, 0xd6, 0x48, 0x83, 0xc0, ADD(v), 0x48, 0x83, 0xc4, 0x08, 0xc3 }
enum { LOOP_ADDS = 5, CALLER_ADDS = 9 };
#define FENCE __asm__ volatile("" ::: "memory")
#endif

static long got, want;
static u64 made[4];
/** Makes the loop that adds `v` as often as its argument says; answers how many bytes it has. */
static long loop(int v) {
  const word l[] = LOOP(v);
  memcpy(made, l, sizeof l);
  return sizeof l;
}
static void emit(void *at, int v) {
  long n = loop(v);
  memcpy(at, made, n);
  FENCE;
}
/** Replaces the number that a loop adds. */
static void patch(word *add, int v) {
  __atomic_store_n(add, ADD(v), __ATOMIC_RELAXED);
  FENCE;
}
static void run(const void *at, int v, long n) { FENCE; got += ((fn)at)(n); want += n * v; }
static void *map(long n, int prot) { return (void *)must(mmap(0, n, prot, ANON, -1, 0)); }
static void told(const char *what) {
  printf("%s: %s\n", what, got == want ? "right" : "WRONG");
  got = want = 0;
}

static void mappings(void) {
  int fd = must(SC(memfd_create, "code", 0));
  must(ftruncate(fd, 2 * PAGE));
  u8 *rw = (u8 *)must(mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0)), *rx = (u8 *)must(mmap(0, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));
  for (int i = 0; i < ROUNDS; i++) {
    long at = i * 36 % (2 * PAGE - 64);
    emit(rw + at, N(i));
    run(rx + at, N(i), HOT(i));
    patch((word *)(rw + at) + LOOP_ADDS, N(i + 1));
    run(rx + at, N(i + 1), HOT(i));
  }
  told("written through another mapping");
  for (int i = 0; i < ROUNDS; i++) {
    long n = loop(N(i));
    must(pwrite(fd, made, n, 8));
    run(rx + 8, N(i), HOT(i));
  }
  told("written into the file");
  close(fd);
  u8 *c = map(2 * PAGE, RWX), *end = c + PAGE - 8;
  for (int i = 0; i < ROUNDS; i++) {
    must(mmap(c + PAGE, PAGE, RWX, ANON | MAP_FIXED, -1, 0));
    emit(end, N(i));
    run(end, N(i), HOT(i));
  }
  told("its second page mapped anew");
  u8 *there = map(PAGE, PROT_NONE);
  for (int i = 0; i < ROUNDS; i++) {
    emit(c, N(i));
    run(c, N(i), HOT(i));
    must(mremap(c, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there));
    run(there, N(i), HOT(i));
    u8 *was = c;
    c = there;
    there = was;
  }
  told("moved");
  for (int i = 0; i < ROUNDS; i++) {
    emit(c, N(i));
    run(c, N(i), HOT(i));
    must(madvise(c, PAGE, MADV_DONTNEED));
    got += c[0];
  }
  told("thrown away");
}

static void kernel(void) {
  u8 *c = map(PAGE, RWX);
  struct gate g = gate();
  for (int i = 0; i < ROUNDS; i++) {
    long n = loop(N(i));
    must(write(g.w, made, n));
    must(read(g.r, c, n));
    run(c, N(i), HOT(i));
  }
  told("read from a pipe");
  for (int i = 0; i < ROUNDS; i++) {
    long n = loop(N(i));
    struct iovec from = { made, n }, to = { c, n };
    must(SC(process_vm_writev, getpid(), &from, 1, &to, 1, 0));
    run(c, N(i), HOT(i));
  }
  told("process_vm_writev");
  int mem = must(open("/proc/self/mem", O_RDWR));
  must(mprotect(c, PAGE, PROT_READ | PROT_EXEC));
  for (int i = 0; i < ROUNDS; i++) {
    long n = loop(N(i));
    must(pwrite(mem, made, n, (long)c));
    run(c, N(i), HOT(i));
  }
  told("/proc/self/mem");
  close(mem);
}

static int traced(void *c) {
  PT(TRACEME, 0, 0, 0);
  for (int i = 0; i < ROUNDS / 4; i++) {
    raise(SIGSTOP);
    if (((fn)c)(HOT(i)) != (long)HOT(i) * N(i)) return 1;
  }
  return 0;
}
static void processes(void) {
  u8 *c = map(PAGE, RWX);
  for (int i = 0; i < ROUNDS / 4; i++) {
    emit(c, N(i));
    run(c, N(i), HOT(i));
    long pid = fork();
    if (pid == 0) {
      run(c, N(i), 3);
      emit(c, N(i + 1));
      run(c, N(i + 1), HOT(i));
      exit(got != want);
    }
    if (i & 1) emit(c, N(i + 2));
    run(c, N(i + (i & 1) * 2), HOT(i));
    int st;
    waitpid(pid, &st, 0);
    got += st;
  }
  told("parent and child");
  long pid = spawn(traced, c);
  for (int i = 0; i < ROUNDS / 4; i++) {
    int st;
    waitpid(pid, &st, 0);
    for (long n = loop(N(i)), k = 0; k * 8 < n; k++) must(PT(POKETEXT, pid, c + k * 8, made[k]));
    PT(CONT, pid, 0, 0);
  }
  reap("poked", pid);
}

static word *caller;
static int next;
static long rewrite(long x) { patch(caller + CALLER_ADDS, next); return x; }
static long replace(long x) {
  word kept[20];
  memcpy(kept, caller, sizeof kept);
  must(mmap(caller, PAGE, RWX, ANON | MAP_FIXED, -1, 0));
  memcpy(caller, kept, sizeof kept);
  return rewrite(x);
}
static void calls(const char *what, long (*called)(long)) {
  const word l[] = CALLER(0);
  caller = map(PAGE, RWX);
  memcpy(caller, l, sizeof l);
  FENCE;
  for (int i = 0; i < 3 * ROUNDS; i++) {
    next = N(i);
    got += ((with)caller)(i, called);
    want += i + next;
  }
  told(what);
}

static word *shared;
static int stop, wrong;
static int runner(void *unused) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    long sum = ((fn)shared)(500);
    if (sum < 500 || sum > 7 * 500) wrong++;
  }
  return 0;
}
static void threads(void) {
  static struct thread t[3];
  shared = map(PAGE, RWX);
  emit(shared, 1);
  for (int i = 0; i < 3; i++) thread_start(t + i, runner, 0);
  for (int i = 0; i < ROUNDS; i++) {
    patch(shared + LOOP_ADDS, 1 + i % 7);
    if (i % 4 == 0) sched_yield();
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 3; i++) thread_join(t + i);
  got = wrong;
  told("patched while others run it");
}

int main(void) {
  mappings();
  kernel();
  processes();
  calls("rewritten by what it calls", rewrite);
  calls("replaced by what it calls", replace);
  threads();
}
