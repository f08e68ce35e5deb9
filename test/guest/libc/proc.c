// Processes, threads, gates, signals and faults for the tests.
#include "t.h"
#include <linux/futex.h>

_Noreturn void exit(int status) { for (;;) SC(exit_group, status); }
_Noreturn void thread_exit(int status) { for (;;) SC(exit, status); }
long must_(const char *what, long r) {
  if (r < 0 && r >= -4095) { printf("MUST %s: %s\n", what, err(r)); exit(99); }
  return r;
}
long getauxval(long type) {
  for (long *a = auxv; a[0] != 0; a += 2) if (a[0] == type) return a[1];
  return -ENOENT;
}
long spawn(int (*fn)(void *), void *arg) {
  long pid = must(fork());
  if (pid == 0) exit(fn(arg));
  return pid;
}
void reap(const char *label, long pid) {
  int st = 0;
  long r;
  while ((r = waitpid(pid, &st, 0)) == -EINTR);
  if (r != pid) V(label, r); else pstat(label, st);
}
void msleep(long ms) {
  struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
  while (nanosleep(&t, &t) == -EINTR);
}
long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
struct gate gate(void) { int p[2]; must(pipe(p)); return (struct gate){ p[0], p[1] }; }
void gate_open(struct gate *g) { write(g->w, "g", 1); }
void gate_wait(struct gate *g) { char c; while (read(g->r, &c, 1) == -EINTR); }
int await_state(long pid, char c) {
  char path[40], b[256];
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  for (int i = 0; i < 500; i++) {
    long n = slurp(path, b, sizeof b - 1);
    if (n <= 0) return 0;
    char *p = strchr(b, ')');
    if (p && p[2] == c) return 1;
    msleep(2);
  }
  return 0;
}

long futex_wait(int *w, int v) { return futex(w, FUTEX_WAIT, v, 0); }
long futex_wake(int *w, int n) { return futex(w, FUTEX_WAKE, n); }
#define STACK (64 * KB)
void thread_start(struct thread *t, int (*fn)(void *), void *arg) {
  t->stack = mmap(0, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  t->done = 1;
  must(clone_fn(THREAD | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, (char *)t->stack + STACK, &t->tid, 0, &t->done, fn, arg));
}
void thread_join(struct thread *t) {
  while (*(volatile int *)&t->done) futex_wait(&t->done, 1);
  munmap(t->stack, STACK);
}

mask_t getmask(void) { mask_t m = 0; SC(rt_sigprocmask, SIG_BLOCK, 0, &m, 8); return m; }
mask_t sigpend(void) { mask_t m = 0; SC(rt_sigpending, &m, 8); return m; }

jmp_buf fault_env;
static int fault_sig, fault_code;
static char *fault_addr;
static void on_fault(int sig, siginfo_t *si, void *uc) {
  (void)uc;
  fault_sig = sig; fault_code = si->si_code; fault_addr = si->si_addr;
  longjmp(fault_env, 1);
}
void fault_arm(void) {
  static const char sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
  for (unsigned i = 0; i < sizeof sigs; i++) sigact(sigs[i], on_fault, SA_SIGINFO | SA_NODEFER, 0);
}
void fault_none(const char *label) { printf("%s: no fault\n", label); }
static const char *code_name(int sig, int code) {
  if (code == SI_USER) return "SI_USER";
  if (code == SI_KERNEL) return "SI_KERNEL";
  if (code == SI_TKILL) return "SI_TKILL";
  if (sig == SIGSEGV) return code == SEGV_MAPERR ? "SEGV_MAPERR" : code == SEGV_ACCERR ? "SEGV_ACCERR" : "?";
  if (sig == SIGBUS) return code == BUS_ADRALN ? "BUS_ADRALN" : code == BUS_ADRERR ? "BUS_ADRERR" : code == BUS_OBJERR ? "BUS_OBJERR" : "?";
  if (sig == SIGILL) return code == ILL_ILLOPC ? "ILL_ILLOPC" : code == ILL_ILLOPN ? "ILL_ILLOPN" : code == ILL_ILLTRP ? "ILL_ILLTRP" : "?";
  if (sig == SIGTRAP) return code == TRAP_BRKPT ? "TRAP_BRKPT" : "?";
  return "?";
}
void fault_report(const char *label, const void *base) {
  if (base == NULL) printf("%s: %s %s\n", label, signame(fault_sig), code_name(fault_sig, fault_code));
  else printf("%s: %s %s at base%s0x%lx\n", label, signame(fault_sig), code_name(fault_sig, fault_code),
    fault_addr < (char *)base ? "-" : "+", fault_addr < (char *)base ? (char *)base - fault_addr : fault_addr - (char *)base);
}

void put(const char *path, const char *text) {
  int fd = must(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  must(write(fd, text, strlen(text)));
  close(fd);
}
long slurp(const char *path, char *b, long n) {
  long fd = open(path, O_RDONLY), at = 0, r;
  if (fd < 0) return fd;
  while (at < n && (r = read(fd, b + at, n - at)) > 0) at += r;
  close(fd);
  if (at < n) b[at] = 0; else if (n) b[n - 1] = 0;
  return at;
}
void cat(const char *label, const char *path) {
  char b[1024];
  long n = slurp(path, b, sizeof b);
  if (n < 0) E(label, n); else printf("%s: [%s] %ld\n", label, b, n);
}
const char *field(const char *path, const char *key) {
  static char buffers[4][6144];
  static int turn;
  char *b = buffers[turn++ & 3];
  if (slurp(path, b, sizeof buffers[0]) < 0) return "?";
  char *p = strstr(b, key);
  if (!p) return "?";
  for (p += strlen(key); *p == ' ' || *p == '\t' || *p == ':'; p++);
  char *e = strchr(p, '\n');
  if (e) *e = 0;
  return p;
}
