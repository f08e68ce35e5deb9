// The guest tests' view of Linux: UAPI headers plus raw system calls. Every call answers -errno, as the kernel does; there is no errno variable.
#pragma once
#include <linux/types.h>
#include <linux/time.h>
#include <asm/unistd.h>
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <asm/stat.h>
#include <linux/stat.h>
#include <linux/signal.h>
#include <linux/wait.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <asm/poll.h>
#include <linux/uio.h>
#include <linux/resource.h>
#include <linux/ioctl.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/limits.h>

typedef unsigned long mask_t;
typedef __SIZE_TYPE__ size_t;
typedef long ssize_t;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long i64;
#define NULL ((void *)0)
#define PAGE 4096L
#define KB 1024L
#define MB (1024L * 1024L)

/** The system call itself: six arguments and the number last, so that riscv64 needs a single move. */
long __sc(long a, long b, long c, long d, long e, long f, long nr);
#define SC(...) SC_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SC_(nr, a, b, c, d, e, f, ...) __sc((long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f), __NR_##nr)

// Files.
static inline long open(const char *p, int fl, ...) {
  __builtin_va_list ap; __builtin_va_start(ap, fl); int mode = __builtin_va_arg(ap, int); __builtin_va_end(ap);
  return SC(openat, AT_FDCWD, p, fl, mode);
}
#define openat(d, p, fl, ...) SC(openat, d, p, fl, ##__VA_ARGS__)
#define close(fd) SC(close, fd)
#define read(fd, b, n) SC(read, fd, b, n)
#define write(fd, b, n) SC(write, fd, b, n)
#define pread(fd, b, n, o) SC(pread64, fd, b, n, o)
#define pwrite(fd, b, n, o) SC(pwrite64, fd, b, n, o)
#define readv(fd, v, n) SC(readv, fd, v, n)
#define writev(fd, v, n) SC(writev, fd, v, n)
#define lseek(fd, o, w) SC(lseek, fd, o, w)
#define dup(fd) SC(dup, fd)
#define dup3(a, b, f) SC(dup3, a, b, f)
#define fcntl(fd, ...) SC(fcntl, fd, __VA_ARGS__)
#define ioctl(fd, ...) SC(ioctl, fd, __VA_ARGS__)
#define ftruncate(fd, n) SC(ftruncate, fd, n)
#define truncate(p, n) SC(truncate, p, n)
#define fallocate(fd, m, o, n) SC(fallocate, fd, m, o, n)
#define fstat(fd, st) SC(fstat, fd, st)
#define stat_(p, st) SC(newfstatat, AT_FDCWD, p, st, 0)
#define lstat_(p, st) SC(newfstatat, AT_FDCWD, p, st, AT_SYMLINK_NOFOLLOW)
#define fstatat(d, p, st, f) SC(newfstatat, d, p, st, f)
#define mkdir(p, m) SC(mkdirat, AT_FDCWD, p, m)
#define rmdir(p) SC(unlinkat, AT_FDCWD, p, AT_REMOVEDIR)
#define unlink(p) SC(unlinkat, AT_FDCWD, p, 0)
#define unlinkat(d, p, f) SC(unlinkat, d, p, f)
#define link(a, b) SC(linkat, AT_FDCWD, a, AT_FDCWD, b, 0)
#define linkat(d, a, e, b, f) SC(linkat, d, a, e, b, f)
#define symlink(t, p) SC(symlinkat, t, AT_FDCWD, p)
#define readlink(p, b, n) SC(readlinkat, AT_FDCWD, p, b, n)
#define rename(a, b) SC(renameat2, AT_FDCWD, a, AT_FDCWD, b, 0)
#define renameat2(d, a, e, b, f) SC(renameat2, d, a, e, b, f)
#define mknod(p, m, d) SC(mknodat, AT_FDCWD, p, m, d)
#define mkfifo(p, m) SC(mknodat, AT_FDCWD, p, S_IFIFO | (m), 0)
#define chmod(p, m) SC(fchmodat, AT_FDCWD, p, m)
#define fchmod(fd, m) SC(fchmod, fd, m)
#define chown(p, u, g) SC(fchownat, AT_FDCWD, p, u, g, 0)
#define fchown(fd, u, g) SC(fchown, fd, u, g)
#define umask(m) SC(umask, m)
#define access(p, m) SC(faccessat, AT_FDCWD, p, m)
#define chdir(p) SC(chdir, p)
#define fchdir(fd) SC(fchdir, fd)
#define getcwd(b, n) SC(getcwd, b, n)
#define pipe2(p, f) SC(pipe2, p, f)
#define pipe(p) SC(pipe2, p, 0)
// Memory.
#define mmap(a, n, p, f, fd, o) ((void *)SC(mmap, a, n, p, f, fd, o))
#define munmap(a, n) SC(munmap, a, n)
#define mprotect(a, n, p) SC(mprotect, a, n, p)
#define mremap(a, o, n, f, ...) ((void *)SC(mremap, a, o, n, f, ##__VA_ARGS__))
#define madvise(a, n, w) SC(madvise, a, n, w)
#define brk(a) SC(brk, a)
// Tasks.
#define fork() SC(clone, SIGCHLD)
#define getpid() SC(getpid)
#define gettid() SC(gettid)
#define getppid() SC(getppid)
#define execve(p, a, e) SC(execve, p, a, e)
#define waitpid(p, st, o) SC(wait4, p, st, o, 0)
#define kill(p, s) SC(kill, p, s)
#define tgkill(p, t, s) SC(tgkill, p, t, s)
#define setpgid(p, g) SC(setpgid, p, g)
#define getpgid(p) SC(getpgid, p)
#define setsid() SC(setsid)
#define getsid(p) SC(getsid, p)
#define prctl(...) SC(prctl, __VA_ARGS__)
#define sched_yield() SC(sched_yield)
#define prlimit(p, r, n, o) SC(prlimit64, p, r, n, o)
#define nanosleep(a, b) SC(nanosleep, a, b)
#define clock_gettime(c, t) SC(clock_gettime, c, t)
_Noreturn void exit(int status);
_Noreturn void thread_exit(int status);
long vfork(void);
// Events.
#define ppoll(p, n, t, m) SC(ppoll, p, n, t, m, 8)
#define futex(...) SC(futex, __VA_ARGS__)

struct dirent64 { u64 d_ino; i64 d_off; u16 d_reclen; u8 d_type; char d_name[]; };
#define getdents(fd, b, n) SC(getdents64, fd, b, n)
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
#define makedev(ma, mi) (((ma) << 8) | (mi))
