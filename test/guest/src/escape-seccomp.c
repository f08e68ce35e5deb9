// Attempts to get around a seccomp filter (SECURITY.md, "Filters"): other numbers for the same call, tracers, new tasks, new programs, weaker filters.
#include "seccomp.h"
#include <linux/ptrace.h>
#include <linux/elf.h>
#define EVIL __NR_getpgid
static void enter(void) {
  no_new_privs();
  must(FILTER(ONLY(EVIL, SECCOMP_RET_ERRNO | 71)));
}
static int worker(void *a) {
  E("thread", SC(getpgid, 0));
  return 0;
}
static int numbers(void *a) {
  enter();
  E("plain", SC(getpgid, 0));
  E("high bits", __sc(0, 0, 0, 0, 0, 0, EVIL | 1L << 32));
  E("negative", __sc(0, 0, 0, 0, 0, 0, -EVIL));
  E("beyond the table", __sc(0, 0, 0, 0, 0, 0, 100000));
  E("minus one", __sc(0, 0, 0, 0, 0, 0, -1));
  E("restart_syscall", SC(restart_syscall));
  return 0;
}
static int weaker(void *a) {
  enter();
  E("allow all", FILTER(RET(SECCOMP_RET_ALLOW)));
  E("still", SC(getpgid, 0));
  E("disable", prctl(PR_SET_SECCOMP, 0, 0));
  E("strict", prctl(PR_SET_SECCOMP, 1, 0));
  E("clear no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  return 0;
}
static int tasks(void *a) {
  enter();
  long pid = fork();
  if (pid == 0) { E("fork", SC(getpgid, 0)); exit(0); }
  waitpid(pid, NULL, 0);
  struct thread t;
  thread_start(&t, worker, 0);
  thread_join(&t);
  char *argv[] = { "prog", "again", NULL };
  execve("/tmp/prog", argv, environ);
  return 1;
}
static int traced(void *a) {

  SC(ptrace, PTRACE_TRACEME, 0, 0, 0);
  no_new_privs();
  FILTER(LD(OFF(nr)), IF(__NR_getppid, 0, 1), RET(SECCOMP_RET_TRACE), IF(EVIL, 0, 1), RET(SECCOMP_RET_ERRNO | 71), RET(SECCOMP_RET_ALLOW));
  raise(SIGSTOP);
  E("call changed by the tracer", getppid());
  E("call changed at entry", SC(getsid, 0));
  return 0;
}
struct regs { u64 r[32]; };
#ifdef __riscv
#define NR 17
#define REGS sizeof(struct regs)
#else
#define NR 15
#define REGS (27 * 8)
#endif
static void change(long pid, long nr) {
  struct regs g;
  struct iovec v = { &g, REGS };
  must(SC(ptrace, PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  g.r[NR] = nr;
  must(SC(ptrace, PTRACE_SETREGSET, pid, NT_PRSTATUS, &v));
}
static int suspend(void *a) {
  SC(setresuid, 7, 7, 7);
  long pid = fork();
  if (pid == 0) for (;;) msleep(100);
  E("suspend seccomp", SC(ptrace, PTRACE_SEIZE, pid, 0, 1 << 21));
  kill(pid, SIGKILL);
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    E("exec", SC(getpgid, 0));
    return 0;
  }
  reap("numbers", spawn(numbers, 0));
  reap("weaker", spawn(weaker, 0));
  reap("tasks", spawn(tasks, 0));
  long pid = spawn(traced, 0);
  int st;
  waitpid(pid, &st, 0);
  SC(ptrace, PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
  SC(ptrace, PTRACE_CONT, pid, 0, 0);
  waitpid(pid, &st, 0);
  printf("event %d\n", st >> 16);
  change(pid, EVIL);
  // Through the rest of this call and the write of its line, to the entry of getsid.
  for (;;) {
    SC(ptrace, PTRACE_SYSCALL, pid, 0, 0);
    waitpid(pid, &st, 0);
    struct ptrace_syscall_info i = { 0 };
    SC(ptrace, PTRACE_GET_SYSCALL_INFO, pid, sizeof i, &i);
    if (i.op == PTRACE_SYSCALL_INFO_ENTRY && i.entry.nr == __NR_getsid) break;
  }
  change(pid, EVIL);
  SC(ptrace, PTRACE_CONT, pid, 0, 0);
  waitpid(pid, &st, 0);
  pstat("traced", st);
  reap("suspend", spawn(suspend, 0));
}
