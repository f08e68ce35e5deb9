// The guest tests' standard library: printing by name, strings, malloc on brk, signals, threads, faults. See test/guest/README.md.
#pragma once
#include "sys.h"

// Strings.
void *memcpy(void *d, const void *s, size_t n);
void *memmove(void *d, const void *s, size_t n);
void *memset(void *d, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *w);
char *strcpy(char *d, const char *s);
char *strcat(char *d, const char *s);
long atol(const char *s);
/** malloc on brk: a bump allocator; free gives back the last block only. */
void *malloc(size_t n);
void free(void *p);

// Printing: one write(2) a call, so that output of several processes interleaves by whole lines.
int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int fdprintf(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *b, size_t n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** "ok" for r >= 0, else the errno's name. */
const char *err(long r);
const char *signame(int sig);
/** Prints a wait status: exited N, killed SIGx, stopped SIGx, continued. */
void pstat(const char *label, int status);
#define E(label, r) printf("%s: %s\n", label, err((long)(r)))
void V(const char *label, long r);
/** A call that the test cannot go on without. */
long must_(const char *what, long r);
#define must(x) must_(#x, (long)(x))

// Processes.
extern char **environ;
extern long *auxv;
long getauxval(long type);
/** Runs `fn(arg)` in a forked child, which exits with its result. Answers the pid. */
long spawn(int (*fn)(void *), void *arg);
/** Waits for `pid` and prints what became of it. */
void reap(const char *label, long pid);
void msleep(long ms);
long now_ms(void);
/** A pipe as a starting gate: gate_open lets one gate_wait through. */
struct gate { int r, w; };
struct gate gate(void);
void gate_open(struct gate *g);
void gate_wait(struct gate *g);
/** Waits (by polling /proc/PID/stat) until a task's state letter is `c`. Answers whether it came. */
int await_state(long pid, char c);

// Threads: clone(2) with shared everything.
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
long clone_fn(unsigned long flags, void *stack_top, int *ptid, void *tls, int *ctid, int (*fn)(void *), void *arg);
struct thread { int tid; int done; void *stack; };
void thread_start(struct thread *t, int (*fn)(void *), void *arg);
void thread_join(struct thread *t);
long futex_wait(int *w, int v);
long futex_wake(int *w, int n);

// Signals. A mask is one word: bit(SIGINT) | bit(SIGTERM).
#define bit(sig) (1ul << ((sig) - 1))
long sigact(int sig, void *handler, unsigned long flags, mask_t mask);
static inline long sigmask(int how, mask_t m) { return SC(rt_sigprocmask, how, &m, 0, 8); }
mask_t getmask(void);
mask_t sigpend(void);
#define sigsuspend(m) ({ mask_t m_ = (m); SC(rt_sigsuspend, &m_, 8); })
#define raise(s) tgkill(getpid(), gettid(), s)
typedef struct { u64 reg[40]; } jmp_buf[1];
int setjmp(jmp_buf b) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf b, int v);

/** Prints which fault the statement takes, with the faulting address relative to `base` (NULL: none printed). */
extern jmp_buf fault_env;
void fault_arm(void);
void fault_report(const char *label, const void *base);
void fault_none(const char *label);
#define FAULT(label, base, stmt) do { fault_arm(); if (setjmp(fault_env) == 0) { stmt; fault_none(label); } else fault_report(label, base); } while (0)

// Files.
void put(const char *path, const char *text);
/** Prints a file's content with a label. */
void cat(const char *label, const char *path);
long slurp(const char *path, char *b, long n);
/** The value of "Key:" in a /proc status-like file, or "?"; good until the fourth call after. */
const char *field(const char *path, const char *key);
