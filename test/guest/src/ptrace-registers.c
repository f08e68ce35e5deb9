// ptrace(2) on riscv64: register sets, breakpoints by ebreak, changing number and result of system calls; no PTRACE_SINGLESTEP, no user area.
// oracle: man
#include "pt.h"
#include <linux/elf.h>
#include <asm/ptrace.h>
#ifdef __riscv
static struct user_regs_struct r;
static struct { double f[32]; u32 fcsr, pad; } fp;
static struct iovec iov;
static long get(long pid, long set, void *to, long n) {
  iov = (struct iovec){ to, n };
  return PT(GETREGSET, pid, set, &iov);
}
static long put_(long pid, long set, void *from, long n) {
  iov = (struct iovec){ from, n };
  return PT(SETREGSET, pid, set, &iov);
}
static int child(void *unused) {
  register long a0 asm("a0") = 11;
  register long s2 asm("s2") = 0x1234567890abcdef;
  register double f3 asm("ft3") = 1.5;
  PT(TRACEME, 0, 0, 0);
  a0 = 11;
  f3 = 1.5;
  asm volatile(".option push\n.option norvc\nebreak\n.option pop" : "+r"(a0), "+r"(s2), "+f"(f3));
  printf("a0 %ld s2 %lx f3 %ld\n", a0, s2, (long)(f3 * 4));
  V("skipped, no result", SC(getpid));
  V("skipped, result", SC(getpid));
  V("another number", SC(umask, 0));
  V("another argument", SC(dup, 77));
  V("another result", SC(umask, 022));
  return 0;
}
/** To the next entry of a call that prints nothing. */
static void entry(long pid) {
  do {
    PT(SYSCALL, pid, 0, 0);
    SC(wait4, pid, 0, __WALL, 0);
    get(pid, NT_PRSTATUS, &r, sizeof r);
    if (r.a7 != __NR_write) return;
    PT(SYSCALL, pid, 0, 0);
    SC(wait4, pid, 0, __WALL, 0);
  } while (1);
}
static void leave(long pid) {
  PT(SYSCALL, pid, 0, 0);
  SC(wait4, pid, 0, __WALL, 0);
  get(pid, NT_PRSTATUS, &r, sizeof r);
}
int main(void) {
  long pid = spawn(child, 0), word;
  event("ebreak", pid);
  siginfo_t si;
  PT(GETSIGINFO, pid, 0, &si);
  E("regset", get(pid, NT_PRSTATUS, &r, sizeof r));
  printf("code %d, at pc %d, %ld bytes, a0 %ld s2 %lx\n", si.si_code, (u64)si.si_addr == r.pc, iov.iov_len, r.a0, r.s2);
  PT(PEEKTEXT, pid, r.pc, &word);
  printf("instruction %x\n", (u32)word);
  r.pc += 4;
  r.a0 = 22;
  r.s2 = ~r.s2;
  E("set", put_(pid, NT_PRSTATUS, &r, sizeof r));
  E("fp", get(pid, NT_PRFPREG, &fp, sizeof fp));
  printf("%ld bytes, f3 %ld\n", iov.iov_len, (long)(fp.f[3] * 4));
  fp.f[3] = 2.25;
  E("set fp", put_(pid, NT_PRFPREG, &fp, sizeof fp));
  struct user_regs_struct longer[2];
  E("longer", get(pid, NT_PRSTATUS, longer, sizeof longer));
  printf("%ld bytes\n", iov.iov_len);
  E("part", get(pid, NT_PRSTATUS, longer, 16));
  printf("%ld bytes\n", iov.iov_len);
  E("part of a register", get(pid, NT_PRSTATUS, longer, 12));
  E("no such set", get(pid, 0x123, longer, 16));
  E("bad buffer", get(pid, NT_PRSTATUS, (void *)16, 16));
  E("bad iovec", PT(GETREGSET, pid, NT_PRSTATUS, 16));
  E("singlestep", PT(SINGLESTEP, pid, 0, 0));
  E("peekusr", PT(PEEKUSR, pid, 0, &word));
  E("options", PT(SETOPTIONS, pid, 0, GOOD));

  entry(pid);
  printf("entry of getpid %d\n", r.a7 == __NR_getpid);
  r.a7 = -1;
  put_(pid, NT_PRSTATUS, &r, sizeof r);
  leave(pid);
  printf("left with %s\n", err(r.a0));
  entry(pid);
  r.a7 = -1;
  r.a0 = 1234;
  put_(pid, NT_PRSTATUS, &r, sizeof r);
  leave(pid);
  entry(pid);
  r.a7 = 10000;
  put_(pid, NT_PRSTATUS, &r, sizeof r);
  leave(pid);
  entry(pid);
  printf("argument %ld\n", r.a0);
  r.a7 = __NR_close;
  put_(pid, NT_PRSTATUS, &r, sizeof r);
  leave(pid);
  entry(pid);
  u64 pc = r.pc;
  leave(pid);
  printf("same pc %d, result %ld\n", pc == r.pc, r.a0);
  r.a0 = 4321;
  put_(pid, NT_PRSTATUS, &r, sizeof r);
  PT(CONT, pid, 0, 0);
  event("end", pid);
}
#else
int main(void) {}
#endif
