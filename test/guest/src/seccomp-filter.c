// seccomp(2) filters: who may attach one, every action, precedence among filters, arguments as halves of 64 bits, inheritance over fork and exec,
// and the lines of /proc/PID/status.
#include "seccomp.h"
#include <linux/capability.h>
static int nobody(void *a) {
  SC(setresuid, 7, 7, 7);
  E("without privilege", FILTER(RET(SECCOMP_RET_ALLOW)));
  E("no_new_privs", no_new_privs());
  E("with no_new_privs", FILTER(RET(SECCOMP_RET_ALLOW)));
  printf("NoNewPrivs %s Seccomp %s filters %s\n", field("/proc/self/status", "NoNewPrivs"), field("/proc/self/status", "Seccomp"), field("/proc/self/status", "Seccomp_filters"));
  return 0;
}
static int errnos(void *a) {
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 7));
  E("errno 7", getppid());
  E("another call", SC(umask, 022));
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 9));
  E("the newer filter's errno", getppid());
  FILTER(ONLY(__NR_getsid, SECCOMP_RET_ERRNO | 0));
  V("errno 0", getsid(0));
  FILTER(ONLY(__NR_getpgid, SECCOMP_RET_ERRNO | 0xffff));
  V("errno 65535", getpgid(0));
  printf("filters %s\n", field("/proc/self/status", "Seccomp_filters"));
  return 0;
}
static int stricter(void *a) {
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 7));
  FILTER(RET(SECCOMP_RET_ALLOW));
  E("an older errno beats a newer allow", getppid());
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_LOG));
  E("and log", getppid());
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_TRACE));
  E("and trace", getppid());
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_USER_NOTIF));
  E("and user notification", getppid());
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_KILL_PROCESS));
  getppid();
  printf("never\n");
  return 0;
}
static int alone(void *a) {
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_TRACE));
  E("trace without a tracer", getppid());
  FILTER(ONLY(__NR_getsid, SECCOMP_RET_USER_NOTIF));
  E("notification without a listener", getsid(0));
  FILTER(ONLY(__NR_getpgid, SECCOMP_RET_LOG));
  E("log", getpgid(0));
  return 0;
}
static int kill_process(void *a) {
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_KILL_PROCESS));
  getppid();
  return 0;
}
static int kill_unknown(void *a) {
  FILTER(ONLY(__NR_getppid, 0x12340000));
  getppid();
  return 0;
}
static int worker(void *a) {
  getppid();
  printf("never\n");
  return 0;
}
static int kill_thread(void *a) {
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_KILL_THREAD));
  struct thread t;
  thread_start(&t, worker, 0);
  msleep(50);
  printf("the other thread lives\n");
  getppid();
  printf("never\n");
  return 0;
}
static long seen_code, seen_errno, seen_call, seen_arch, seen_addr, handled;
static void on_sys(int s, siginfo_t *si, void *uc) {
  handled++;
  seen_code = si->si_code;
  seen_errno = si->si_errno;
  seen_call = si->si_syscall;
  seen_arch = si->si_arch;
  seen_addr = si->si_call_addr != NULL;
}
static int trap(void *a) {
  sigact(SIGSYS, on_sys, SA_SIGINFO, 0);
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_TRAP | 42));
  getppid();
  printf("handled %ld code %ld errno %ld call %s arch %s address %ld\n", handled, seen_code, seen_errno, seen_call == __NR_getppid ? "right" : "wrong",
         (u32)seen_arch == ARCH ? "right" : "wrong", seen_addr);
  sigact(SIGSYS, SIG_IGN, 0, 0);
  getppid();
  printf("never: ignored SIGSYS kills\n");
  return 0;
}
static int trap_blocked(void *a) {
  sigact(SIGSYS, on_sys, SA_SIGINFO, 0);
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_TRAP));
  sigmask(SIG_BLOCK, bit(SIGSYS));
  getppid();
  printf("never: blocked SIGSYS kills\n");
  return 0;
}
static int arguments(void *a) {
  FILTER(LD(OFF(nr)), IF(__NR_getpgid, 0, 5), LD(ARG(0) + 4), IF(0x11, 0, 3), LD(ARG(0)), IF(0x22, 0, 1), RET(SECCOMP_RET_ERRNO | 33), RET(SECCOMP_RET_ALLOW));
  E("both halves", SC(getpgid, 0x1100000022));
  E("the low half only", SC(getpgid, 0x22));
  E("the high half only", SC(getpgid, 0x1100000023));
  return 0;
}
static int arch(void *a) {
  FILTER(LD(OFF(arch)), IF(ARCH, 1, 0), RET(SECCOMP_RET_KILL_PROCESS), LD(OFF(instruction_pointer)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET(SECCOMP_RET_KILL_PROCESS),
         RET(SECCOMP_RET_ALLOW));
  E("architecture and instruction pointer", SC(umask, 022));
  return 0;
}
/** Arithmetic on an argument, compared with what C says. */
#define CALC(label, op, k, want) do { \
  long pid = fork(); \
  if (pid == 0) { \
    FILTER(LD(OFF(nr)), IF(__NR_getpgid, 1, 0), RET(SECCOMP_RET_ALLOW), LD(ARG(0)), BPF_STMT(BPF_LDX | BPF_IMM, k), BPF_STMT(BPF_ALU | op | BPF_X, 0), \
           IF((u32)(want), 0, 1), RET(SECCOMP_RET_ERRNO | 1), RET(SECCOMP_RET_ERRNO | 2)); \
    exit(-SC(getpgid, 0x89abcdef)); \
  } \
  reap(label, pid); \
} while (0)
static int forked(void *a) {
  FILTER(ONLY(__NR_getppid, SECCOMP_RET_ERRNO | 7));
  long pid = fork();
  if (pid == 0) {
    E("in the child", getppid());
    char *argv[] = { "prog", "again", NULL };
    execve("/tmp/prog", argv, environ);
  }
  reap("child", pid);
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    E("after exec", getppid());
    return 0;
  }
  reap("nobody", spawn(nobody, 0));
  reap("errnos", spawn(errnos, 0));
  reap("stricter", spawn(stricter, 0));
  reap("alone", spawn(alone, 0));
  reap("kill process", spawn(kill_process, 0));
  reap("unknown action", spawn(kill_unknown, 0));
  reap("kill thread", spawn(kill_thread, 0));
  reap("trap", spawn(trap, 0));
  reap("trap blocked", spawn(trap_blocked, 0));
  reap("arguments", spawn(arguments, 0));
  reap("arch", spawn(arch, 0));
  CALC("add", BPF_ADD, 0x80000001, 0x89abcdefu + 0x80000001u);
  CALC("sub", BPF_SUB, 0x90000000, 0x89abcdefu - 0x90000000u);
  CALC("mul", BPF_MUL, 0x12345, 0x89abcdefu * 0x12345u);
  CALC("div", BPF_DIV, 7, 0x89abcdefu / 7u);
  CALC("and", BPF_AND, 0xff00ff00, 0x89abcdefu & 0xff00ff00u);
  CALC("or", BPF_OR, 0x0f0f0f0f, 0x89abcdefu | 0x0f0f0f0fu);
  CALC("xor", BPF_XOR, 0xffffffff, ~0x89abcdefu);
  CALC("lsh", BPF_LSH, 5, 0x89abcdefu << 5);
  CALC("rsh", BPF_RSH, 5, 0x89abcdefu >> 5);
  CALC("div by zero", BPF_DIV, 0, 0);
  reap("forked", spawn(forked, 0));
}
