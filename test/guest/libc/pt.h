// ptrace(2) for guest tests: requests by name, and wait statuses that say what kind of stop it is.
#pragma once
#include "t.h"
#include <linux/ptrace.h>
#define PT(request, pid, addr, data) SC(ptrace, PTRACE_##request, pid, addr, data)
#define GOOD PTRACE_O_TRACESYSGOOD

/** Waits for a tracee and prints its stop or end. Answers the status, or the error of wait4. */
static inline long event(const char *label, long pid) {
  static const char *names[] = { "", "FORK", "VFORK", "CLONE", "EXEC", "VFORK_DONE", "EXIT", "SECCOMP" };
  int st = 0;
  long r = SC(wait4, pid, &st, __WALL, 0);
  if (r < 0) {
    E(label, r);
    return r;
  }
  if ((st & 0xff) != 0x7f) pstat(label, st);
  else if (st >> 16 == PTRACE_EVENT_STOP) printf("%s: event STOP, %s\n", label, signame((st >> 8) & 0x7f));
  else if (st >> 16 != 0) printf("%s: event %s\n", label, names[st >> 16]);
  else printf("%s: stop %s%s\n", label, signame((st >> 8) & 0x7f), st & 0x8000 ? " | 0x80" : "");
  return st;
}

/** What PTRACE_GETSIGINFO tells: number and code; event and system call codes in hexadecimal. */
static inline void siginfo(const char *label, long pid) {
  siginfo_t si = { 0 };
  long r = PT(GETSIGINFO, pid, 0, &si);
  if (r < 0) E(label, r);
  else printf("%s: %s code %x\n", label, signame(si.si_signo), si.si_code);
}

/** The system call of a stop, with `nr` as the expected number. */
static inline void syscall_info(const char *label, long pid, unsigned long nr) {
  static struct ptrace_syscall_info i;
  long n = PT(GET_SYSCALL_INFO, pid, sizeof i, &i);
  if (n < 0) E(label, n);
  else if (i.op == PTRACE_SYSCALL_INFO_ENTRY) printf("%s: entry, %ld bytes, number %s%s\n", label, n, i.entry.nr == nr ? "right" : "wrong", nr == __NR_read && i.entry.args[2] - 3 > 1 ? ", count wrong" : "");
  else if (i.op == PTRACE_SYSCALL_INFO_EXIT) printf("%s: exit, %ld bytes, value %ld error %d\n", label, n, (long)i.exit.rval, i.exit.is_error);
  else printf("%s: none, %ld bytes\n", label, n);
}
