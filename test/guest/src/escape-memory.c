// Attacks through addresses (SECURITY.md, "User space against the kernel"): kernel and wild pointers in calls, jumps and frames; what must not
// show through in fresh memory, file tails and structs.
#include "t.h"
#include <linux/futex.h>
#include <linux/prctl.h>
#define HIGH ((char *)-8192L)
#define MIDDLE ((char *)(1L << 62))
static int each(void *where) {
  char *bad = where;
  char *one[] = { "x", NULL }, *wild[] = { bad, NULL };
  int p[2];
  pipe(p);
  write(p[1], "abcdefgh", 8);
  E("read into", read(p[0], bad, 8));
  E("write from", write(p[1], bad, 8));
  struct iovec v[2] = { { (char[8]){ 0 }, 4 }, { bad, 8 } };
  V("readv, second part", readv(p[0], v, 2));
  v[1] = (struct iovec){ v[0].iov_base, -1 };
  E("readv, negative length", readv(p[0], v, 2));
  E("open", open(bad, O_RDONLY));
  E("execve argv", execve("/tmp/prog", (char **)bad, environ));
  E("execve envp", execve("/tmp/prog", one, (char **)bad));
  E("execve an argument", execve("/tmp/prog", wild, environ));
  E("stat", stat_(".", (struct stat *)bad));
  E("pipe", pipe((int *)bad));
  E("clock_gettime", clock_gettime(0, (struct timespec *)bad));
  E("nanosleep", nanosleep((struct timespec *)bad, NULL));
  E("futex wait", futex((int *)bad, FUTEX_WAIT, 0, NULL));
  E("futex wake", futex((int *)bad, FUTEX_WAKE, 1) < 0 ? -14 : 0);
  E("sigaction", SC(rt_sigaction, SIGUSR1, bad, NULL, 8));
  E("sigprocmask", SC(rt_sigprocmask, 0, bad, NULL, 8));
  E("getdents", ({ int d = open(".", O_RDONLY); getdents(d, bad, 512); }));
  E("wait4 status", ({ long c = fork(); if (c == 0) exit(0); waitpid(c, (int *)bad, 0); }));
  E("mmap there", ({ void *m = mmap(bad, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); (long)m < 0 && (long)m > -4096 ? (long)m : 0; }));
  E("munmap there", munmap(bad, PAGE));
  E("mprotect there", mprotect(bad, PAGE, PROT_READ));
  E("madvise there", madvise(bad, PAGE, MADV_DONTNEED));
  E("sendmsg", SC(sendmsg, p[0], bad, 0) == -88 ? -14 : SC(sendmsg, p[0], bad, 0));
  E("sysinfo", SC(sysinfo, bad));
  E("prctl name", prctl(PR_SET_NAME, bad));
  E("getrandom", SC(getrandom, bad, 8, 0));
  if (bad != HIGH) return 0; // x86-64 has another fault for addresses that it cannot have
  FAULT("load", 0, *(volatile char *)bad);
  FAULT("store", 0, *(volatile char *)bad = 1);
  FAULT("jump", 0, ((void (*)(void))bad)());
  return 0;
}
static int robust(void *where) {
  SC(set_robust_list, where, 24);
  SC(set_tid_address, where);
  return 5;
}
static void on_usr1(int s) {}
static int altstack(void *where) {
  stack_t s = { where, 0, 65536 };
  SC(sigaltstack, &s, NULL);
  sigact(SIGUSR1, on_usr1, SA_ONSTACK, 0);
  raise(SIGUSR1);
  printf("never\n");
  return 0;
}
static int wild_stack(void *where) {
  sigact(SIGUSR1, on_usr1, 0, 0);
#ifdef __riscv
  register long pid asm("a0") = getpid(), sig asm("a1") = SIGUSR1, nr asm("a7") = __NR_kill;
  asm volatile("mv sp, %3; ecall" : "+r"(pid) : "r"(sig), "r"(nr), "r"(where) : "memory");
#else
  asm volatile("mov %0, %%rsp; syscall" :: "r"(where), "a"(__NR_kill), "D"(getpid()), "S"(SIGUSR1) : "rcx", "r11", "memory");
#endif
  return 0;
}
static int zeroes(const char *p, long n) {
  for (long i = 0; i < n; i++) if (p[i] != 0) return 0;
  return 1;
}
int main(int argc, char **argv) {
  reap("high", spawn(each, HIGH));
  reap("middle", spawn(each, MIDDLE));
  reap("robust list high", spawn(robust, HIGH));
  reap("robust list middle", spawn(robust, MIDDLE));
  reap("altstack high", spawn(altstack, HIGH));
  reap("signal with a wild stack", spawn(wild_stack, HIGH));
  // What shows through.
  char *m = mmap(0, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(m, 0x5a, 64 * PAGE);
  munmap(m, 64 * PAGE);
  m = mmap(0, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("fresh memory is zero: %d\n", zeroes(m, 256 * PAGE));
  madvise(memset(m, 0x5a, PAGE), PAGE, MADV_DONTNEED);
  printf("dropped memory is zero: %d\n", zeroes(m, PAGE));
  long pid = fork();
  if (pid == 0) {
    memset(m, 0x77, 256 * PAGE);
    exit(0);
  }
  waitpid(pid, NULL, 0);
  char *n = mmap(0, 512 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("a dead process' memory does not show: %d\n", zeroes(n, 512 * PAGE));
  put("f", "tail");
  int fd = open("f", O_RDWR);
  char *t = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  printf("behind the end of a file is zero: %d\n", zeroes(t + 4, PAGE - 4));
  memset(t, 0x11, PAGE);
  ftruncate(fd, 2);
  ftruncate(fd, 4096);
  printf("a file that grows again is zero: %d\n", zeroes(t + 2, PAGE - 2));
  struct { struct stat st; } s;
  memset(&s, 0xff, sizeof s);
  stat_("f", &s.st);
#ifdef __riscv
  printf("stat's padding is zero: %d\n", s.st.__pad1 == 0 && s.st.__pad2 == 0 && s.st.__unused4 == 0 && s.st.__unused5 == 0);
#else
  printf("stat's padding is zero: %d\n", s.st.__pad0 == 0 && zeroes((char *)s.st.__unused, sizeof s.st.__unused));
#endif
  lseek(fd, 1 << 20, 0);
  write(fd, "x", 1);
  char hole[512];
  pread(fd, hole, 512, 1 << 16);
  printf("holes are zero: %d\n", zeroes(hole, 512));
}
