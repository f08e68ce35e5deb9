// seccomp(2) SECCOMP_RET_TRACE with ptrace(2) PTRACE_O_TRACESECCOMP: the event, its message and call info; the tracer lets the call run,
// takes it away, or has the signal machinery as always.
#include "pt.h"
#include "seccomp.h"
#include <linux/elf.h>
static int child(void *a) {
  no_new_privs();
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_TRACE | 0x77));
  PT(TRACEME, 0, 0, 0);
  raise(SIGSTOP);
  printf("runs: %s\n", getppid() > 0 ? "ok" : "no");
  E("taken away", getppid());
  V("replaced", getppid());
  E("not asked for", getppid());
  return 0;
}
#ifdef __riscv
struct regs { u64 r[32]; };
#define SKIP(g) (g).r[17] = -1
#define RESULT(g, v) (g).r[10] = v
#else
struct regs { u64 r[27]; };
#define SKIP(g) (g).r[15] = -1
#define RESULT(g, v) (g).r[10] = v
#endif
static void change(long pid, int result) {
  struct regs g;
  struct iovec v = { &g, sizeof g };
  must(PT(GETREGSET, pid, NT_PRSTATUS, &v));
  SKIP(g);
  if (result) RESULT(g, 1234);
  must(PT(SETREGSET, pid, NT_PRSTATUS, &v));
}
int main(void) {
  long pid = spawn(child, 0);
  event("start", pid);
  E("options", PT(SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | GOOD));
  for (int i = 0; i < 3; i++) {
    PT(CONT, pid, 0, 0);
    event("filter", pid);
    u64 msg = 0;
    PT(GETEVENTMSG, pid, 0, &msg);
    printf("message %lx\n", msg);
    struct ptrace_syscall_info s = { 0 };
    long n = PT(GET_SYSCALL_INFO, pid, sizeof s, &s);
    printf("info: %ld bytes, op %d, number %s, data %x\n", n, s.op, s.seccomp.nr == __NR_getppid ? "right" : "wrong", s.seccomp.ret_data);
    if (i > 0) change(pid, i == 2);
  }
  PT(SETOPTIONS, pid, 0, 0);
  PT(CONT, pid, 0, 0);
  event("end", pid);
}
