// What a function knows of its stack's page need not be so behind a function that it calls: that may take rights away (mprotect(2)), map something else there
// (mmap(2) MAP_FIXED, mremap(2)), throw it away (madvise(2)), share it (fork(2)), have the kernel write there (process_vm_writev(2)), or come back with another sp.
#include "mm.h"
#define ROUNDS 6000
/** Rounds between two changes: many and few. */
#define EVERY(i) ((i) % (i > 3000 ? 500 : 7) == 0)

/** Counts down n: 0(sp) = n; f(n); sum = 8(sp) += 0(sp), with sp at `stack`. Answers the sum. */
long probe(void *stack, long (*f)(long), long n);
/** Comes back with sp on the other page. */
long other(long i);
#if defined(__riscv)
__asm__(".globl probe\nprobe: addi sp, sp, -64\nsd ra, 0(sp)\nsd s0, 8(sp)\nsd s1, 16(sp)\nsd s2, 24(sp)\nsd s3, 32(sp)\n"
        "mv s0, sp\nmv sp, a0\nmv s1, a1\nmv s2, a2\nli s3, 0\n"
        "1: sd s2, 0(sp)\nsd s3, 8(sp)\nmv a0, s2\njalr s1\nld a1, 0(sp)\nld s3, 8(sp)\nadd s3, s3, a1\nsd s3, 8(sp)\naddi s2, s2, -1\nbnez s2, 1b\n"
        "mv a0, s3\nmv sp, s0\nld ra, 0(sp)\nld s0, 8(sp)\nld s1, 16(sp)\nld s2, 24(sp)\nld s3, 32(sp)\naddi sp, sp, 64\nret\n"
        ".globl other\nother: li t0, 4096\nandi t1, a0, 1\nbnez t1, 1f\nneg t0, t0\n1: add sp, sp, t0\nret\n");
#else
__asm__(".globl probe\nprobe: push %rbx\npush %rbp\npush %r12\npush %r13\nmov %rsp, %rbp\nmov %rdi, %rsp\nmov %rsi, %r12\nmov %rdx, %rbx\nxor %r13d, %r13d\n"
        "1: mov %rbx, (%rsp)\nmov %r13, 8(%rsp)\nmov %rbx, %rdi\ncall *%r12\nmov (%rsp), %rax\nmov 8(%rsp), %r13\nadd %rax, %r13\nmov %r13, 8(%rsp)\ndec %rbx\njnz 1b\n"
        "mov %r13, %rax\nmov %rbp, %rsp\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n"
        ".globl other\nother: pop %rcx\nmov $4096, %eax\ntest $1, %dil\njnz 1f\nneg %rax\n1: add %rax, %rsp\njmp *%rcx\n");
#endif

static u8 *stack, *page, *spare;
static long faults, changes;
static void healed(int sig) {
  faults++;
  must(mprotect(page, PAGE, RW));
}

static long nothing(long i) { return i; }
static long readonly(long i) { if (EVERY(i)) { changes++; must(mprotect(page, PAGE, PROT_READ)); } return i; }
static long none(long i) { if (EVERY(i)) { changes++; must(mprotect(page, PAGE, PROT_NONE)); } return i; }
static long replaced(long i) { if (EVERY(i)) { changes++; must(mmap(page, PAGE, RW, ANON | MAP_FIXED, -1, 0)); ((long *)page)[1] = i; } return i; }
static long thrown(long i) { if (EVERY(i)) { changes++; must(madvise(page, PAGE, MADV_DONTNEED)); } return i; }
static long moved(long i) {
  if (!EVERY(i)) return i;
  changes++;
  must(mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, spare));
  must(mmap(page, PAGE, RW, ANON | MAP_FIXED, -1, 0));
  ((long *)page)[0] = ((long *)spare)[0] + 1;
  ((long *)page)[1] = ((long *)spare)[1];
  return i;
}
static long written(long i) {
  if (!EVERY(i)) return i;
  changes++;
  long v[2] = { i + 3, i };
  struct iovec from = { v, sizeof v }, to = { page, sizeof v };
  must(SC(process_vm_writev, getpid(), &from, 1, &to, 1, 0));
  return i;
}

static long child;
static int told[2];
/** The child sees what was there when it was made, however often the parent writes there. */
static long forked(long i) {
  char c = 0;
  if (child) {
    must(write(told[1], &c, 1));
    int st;
    must(waitpid(child, &st, 0));
    if (st) printf("child: %d\n", st);
    child = 0;
  }
  if (i % 500) return i;
  changes++;
  long sum = ((long *)page)[1];
  child = must(fork());
  if (child) return i;
  must(read(told[0], &c, 1));
  exit(((long *)page)[0] != i || ((long *)page)[1] != sum);
}

static void with(const char *what, long (*f)(long)) {
  faults = changes = 0;
  long sum = probe(page, f, ROUNDS);
  printf("%s: %ld, %ld changes, %ld faults\n", what, sum, changes, faults);
}

int main(void) {
  stack = (u8 *)must(mmap(0, 34 * PAGE, RW, ANON, -1, 0));
  page = stack + 32 * PAGE;
  spare = (u8 *)must(mmap(0, PAGE, RW, ANON, -1, 0));
  must(pipe2(told, 0));
  static u8 handlers[4 * PAGE];
  struct { void *sp; int flags; u64 size; } ss = { handlers, 0, sizeof handlers };
  must(SC(sigaltstack, &ss, NULL));
  sigact(SIGSEGV, healed, SA_ONSTACK, 0);
  with("nothing", nothing);
  with("read-only", readonly);
  with("no rights", none);
  with("mapped anew", replaced);
  with("thrown away", thrown);
  with("moved", moved);
  with("written by the kernel", written);
  with("forked", forked);
  with("another sp", other);
  return 0;
}
