// What cannot be written in C: entry, the system call, clone onto a new stack, vfork, setjmp. riscv64 is the product;
// x86-64 exists so that expectations can be recorded on a real Linux.
#include "t.h"

#if defined(__riscv)
__asm__(
  ".text\n.globl _start\n_start:\n.option push\n.option norelax\nlla gp, __global_pointer$\n.option pop\n"
  "mv a0, sp\nandi sp, sp, -16\nlla a1, _DYNAMIC\n.weak _DYNAMIC\n.hidden _DYNAMIC\ntail __start\n"
  ".globl __sc\n__sc: mv a7, a6\necall\nret\n"
  ".globl vfork\nvfork: li a0, 0x4111\nli a1, 0\nli a7, 220\necall\nret\n"
  // clone_fn(flags, stack, ptid, tls, ctid, fn, arg): fn and arg wait on the child's stack.
  ".globl clone_fn\nclone_fn: addi a1, a1, -16\nsd a5, 0(a1)\nsd a6, 8(a1)\nli a7, 220\necall\nbeqz a0, 1f\nret\n"
  "1: ld a1, 0(sp)\nld a0, 8(sp)\njalr a1\nli a7, 93\necall\n"
  ".globl setjmp\nsetjmp: sd ra,0(a0)\nsd sp,8(a0)\nsd s0,16(a0)\nsd s1,24(a0)\nsd s2,32(a0)\nsd s3,40(a0)\nsd s4,48(a0)\nsd s5,56(a0)\n"
  "sd s6,64(a0)\nsd s7,72(a0)\nsd s8,80(a0)\nsd s9,88(a0)\nsd s10,96(a0)\nsd s11,104(a0)\nfsd fs0,112(a0)\nfsd fs1,120(a0)\nfsd fs2,128(a0)\n"
  "fsd fs3,136(a0)\nfsd fs4,144(a0)\nfsd fs5,152(a0)\nfsd fs6,160(a0)\nfsd fs7,168(a0)\nfsd fs8,176(a0)\nfsd fs9,184(a0)\nfsd fs10,192(a0)\n"
  "fsd fs11,200(a0)\nli a0,0\nret\n"
  ".globl longjmp\nlongjmp: ld ra,0(a0)\nld sp,8(a0)\nld s0,16(a0)\nld s1,24(a0)\nld s2,32(a0)\nld s3,40(a0)\nld s4,48(a0)\nld s5,56(a0)\n"
  "ld s6,64(a0)\nld s7,72(a0)\nld s8,80(a0)\nld s9,88(a0)\nld s10,96(a0)\nld s11,104(a0)\nfld fs0,112(a0)\nfld fs1,120(a0)\nfld fs2,128(a0)\n"
  "fld fs3,136(a0)\nfld fs4,144(a0)\nfld fs5,152(a0)\nfld fs6,160(a0)\nfld fs7,168(a0)\nfld fs8,176(a0)\nfld fs9,184(a0)\nfld fs10,192(a0)\n"
  "fld fs11,200(a0)\nseqz a0,a1\nadd a0,a0,a1\nret\n");
#define R_RELATIVE 3
#elif defined(__x86_64__)
__asm__(
  ".text\n.globl _start\n_start: xor %ebp,%ebp\nmov %rsp,%rdi\nand $-16,%rsp\nlea _DYNAMIC(%rip),%rsi\n.weak _DYNAMIC\n.hidden _DYNAMIC\ncall __start\n"
  ".globl __sc\n__sc: mov %rcx,%r10\nmov 8(%rsp),%rax\nsyscall\nret\n"
  ".globl vfork\nvfork: pop %rdx\nmov $58,%eax\nsyscall\npush %rdx\nret\n"
  ".globl clone_fn\nclone_fn: sub $16,%rsi\nmov %r9,(%rsi)\nmov 8(%rsp),%rax\nmov %rax,8(%rsi)\nmov %r8,%r10\nmov %rcx,%r8\nmov $56,%eax\nsyscall\n"
  "test %rax,%rax\njz 1f\nret\n1: pop %rax\npop %rdi\ncall *%rax\nmov %eax,%edi\nmov $60,%eax\nsyscall\n"
  ".globl __restorer\n__restorer: mov $15,%eax\nsyscall\n"
  ".globl setjmp\nsetjmp: pop %rdx\nmov %rbx,(%rdi)\nmov %rbp,8(%rdi)\nmov %r12,16(%rdi)\nmov %r13,24(%rdi)\nmov %r14,32(%rdi)\nmov %r15,40(%rdi)\n"
  "mov %rsp,48(%rdi)\nmov %rdx,56(%rdi)\nxor %eax,%eax\njmp *%rdx\n"
  ".globl longjmp\nlongjmp: mov %esi,%eax\ntest %eax,%eax\njnz 1f\ninc %eax\n1: mov (%rdi),%rbx\nmov 8(%rdi),%rbp\nmov 16(%rdi),%r12\nmov 24(%rdi),%r13\n"
  "mov 32(%rdi),%r14\nmov 40(%rdi),%r15\nmov 48(%rdi),%rsp\njmp *56(%rdi)\n");
#define R_RELATIVE 8
void __restorer(void);
#endif

char **environ;
long *auxv;
int main(int argc, char **argv, char **envp);

struct dyn { long tag; u64 val; };
struct rela { u64 offset, info; long addend; };

__attribute__((used)) _Noreturn void __start(long *sp, struct dyn *dynamic) {
  int argc = sp[0];
  char **argv = (char **)(sp + 1);
  char **envp = argv + argc + 1;
  long *aux = (long *)envp;
  while (*aux != 0) aux++;
  aux++;
#ifdef __PIE__
  // A static-pie relocates itself: every relocation is RELATIVE. The load bias is where our own ELF header stands.
  extern const char __ehdr_start[] __attribute__((visibility("hidden")));
  u64 base = (u64)__ehdr_start, rela = 0, size = 0;
  for (struct dyn *d = dynamic; d->tag != 0; d++) {
    if (d->tag == 7) rela = d->val;
    if (d->tag == 8) size = d->val;
  }
  for (struct rela *r = (struct rela *)(base + rela); size != 0; r++, size -= sizeof *r)
    if ((u32)r->info == R_RELATIVE) *(u64 *)(base + r->offset) = base + r->addend;
#else
  (void)dynamic;
#endif
  environ = envp;
  auxv = aux;
  exit(main(argc, argv, envp));
}

long sigact(int sig, void *handler, unsigned long flags, mask_t mask) {
#ifdef __x86_64__
  u64 act[4] = { (u64)handler, flags | 0x04000000, (u64)__restorer, mask };
#else
  u64 act[3] = { (u64)handler, flags, mask };
#endif
  return SC(rt_sigaction, sig, act, 0, 8);
}
