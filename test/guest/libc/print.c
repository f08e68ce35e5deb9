// printf (subset: %d %u %x %o %s %c %p %% with width, zero, '-', l) and the names of errnos, signals and wait statuses.
#include "t.h"
typedef __builtin_va_list va_list;

struct out { char *b; size_t n, cap; };
static void ch(struct out *o, char c) { if (o->n < o->cap) o->b[o->n] = c; o->n++; }
static void num(struct out *o, u64 v, unsigned base, int neg, int width, char pad, int left) {
  char t[24]; int n = 0;
  do { t[n++] = "0123456789abcdef"[v % base]; v /= base; } while (v);
  if (neg) t[n++] = '-';
  if (!left) for (int i = n; i < width; i++) ch(o, pad);
  for (int i = n; i--;) ch(o, t[i]);
  if (left) for (int i = n; i < width; i++) ch(o, ' ');
}
static size_t vfmt(char *b, size_t cap, const char *f, va_list ap) {
  struct out o = { b, 0, cap };
  for (; *f; f++) {
    if (*f != '%') { ch(&o, *f); continue; }
    int left = 0, width = 0, lng = 0; char pad = ' ';
    for (f++; *f == '-' || *f == '0'; f++) { if (*f == '-') left = 1; else pad = '0'; }
    if (*f == '*') { width = __builtin_va_arg(ap, int); f++; }
    for (; *f >= '0' && *f <= '9'; f++) width = width * 10 + (*f - '0');
    for (; *f == 'l' || *f == 'z'; f++) lng = 1;
    if (*f == 'd') {
      long v = lng ? __builtin_va_arg(ap, long) : __builtin_va_arg(ap, int);
      num(&o, v < 0 ? -(u64)v : (u64)v, 10, v < 0, width, pad, left);
    } else if (*f == 'u' || *f == 'x' || *f == 'o') {
      u64 v = lng ? __builtin_va_arg(ap, u64) : __builtin_va_arg(ap, unsigned);
      num(&o, v, *f == 'u' ? 10 : *f == 'x' ? 16 : 8, 0, width, pad, left);
    } else if (*f == 's') {
      const char *s = __builtin_va_arg(ap, const char *);
      int n = strlen(s);
      if (!left) for (int i = n; i < width; i++) ch(&o, ' ');
      while (*s) ch(&o, *s++);
      if (left) for (int i = n; i < width; i++) ch(&o, ' ');
    } else if (*f == 'c') ch(&o, __builtin_va_arg(ap, int));
    else if (*f == 'p') num(&o, (u64)__builtin_va_arg(ap, void *), 16, 0, width, pad, left);
    else ch(&o, *f);
  }
  if (cap) b[o.n < cap ? o.n : cap - 1] = 0;
  return o.n;
}
int snprintf(char *b, size_t n, const char *fmt, ...) {
  va_list ap; __builtin_va_start(ap, fmt); int r = vfmt(b, n, fmt, ap); __builtin_va_end(ap); return r;
}
#define VPRINT(fd) \
  char b[2048]; va_list ap; __builtin_va_start(ap, fmt); int n = vfmt(b, sizeof b, fmt, ap); __builtin_va_end(ap); \
  if (n > (int)sizeof b) n = sizeof b; \
  for (int at = 0; at < n;) { long r = write(fd, b + at, n - at); if (r < 0) return r; at += r; } \
  return n
int printf(const char *fmt, ...) { VPRINT(1); }
int fdprintf(int fd, const char *fmt, ...) { VPRINT(fd); }

static const char errnos[] =
  "EPERM\0ENOENT\0ESRCH\0EINTR\0EIO\0ENXIO\0E2BIG\0ENOEXEC\0EBADF\0ECHILD\0EAGAIN\0ENOMEM\0EACCES\0EFAULT\0ENOTBLK\0EBUSY\0EEXIST\0EXDEV\0ENODEV\0"
  "ENOTDIR\0EISDIR\0EINVAL\0ENFILE\0EMFILE\0ENOTTY\0ETXTBSY\0EFBIG\0ENOSPC\0ESPIPE\0EROFS\0EMLINK\0EPIPE\0EDOM\0ERANGE\0EDEADLK\0ENAMETOOLONG\0"
  "ENOLCK\0ENOSYS\0ENOTEMPTY\0ELOOP\0";
static const struct { short n; const char name[16]; } high[] = {
  { ENODATA, "ENODATA" }, { EOVERFLOW, "EOVERFLOW" }, { ENOTSOCK, "ENOTSOCK" }, { EDESTADDRREQ, "EDESTADDRREQ" }, { EMSGSIZE, "EMSGSIZE" },
  { EPROTOTYPE, "EPROTOTYPE" }, { ENOPROTOOPT, "ENOPROTOOPT" }, { EPROTONOSUPPORT, "EPROTONOSUPPORT" }, { ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT" },
  { EOPNOTSUPP, "EOPNOTSUPP" }, { EAFNOSUPPORT, "EAFNOSUPPORT" }, { EADDRINUSE, "EADDRINUSE" }, { EADDRNOTAVAIL, "EADDRNOTAVAIL" },
  { ECONNABORTED, "ECONNABORTED" }, { ECONNRESET, "ECONNRESET" }, { ENOBUFS, "ENOBUFS" }, { EISCONN, "EISCONN" }, { ENOTCONN, "ENOTCONN" },
  { ETIMEDOUT, "ETIMEDOUT" }, { ECONNREFUSED, "ECONNREFUSED" }, { EALREADY, "EALREADY" }, { EINPROGRESS, "EINPROGRESS" }, { ESTALE, "ESTALE" },
  { ECANCELED, "ECANCELED" }, { EOWNERDEAD, "EOWNERDEAD" }, { EUSERS, "EUSERS" }, { ELIBBAD, "ELIBBAD" }, { EPROTO, "EPROTO" }, { EBADMSG, "EBADMSG" },
  { EILSEQ, "EILSEQ" }, { EBADFD, "EBADFD" }, { ENOKEY, "ENOKEY" }, { EHOSTUNREACH, "EHOSTUNREACH" }, { ENETUNREACH, "ENETUNREACH" },
};
const char *err(long r) {
  if (r >= 0 || r < -4095) return "ok";
  if (r >= -40) {
    const char *s = errnos;
    for (long i = -1; i > r; i--) s += strlen(s) + 1;
    return s;
  }
  for (unsigned i = 0; i < sizeof high / sizeof *high; i++) if (high[i].n == -r) return high[i].name;
  static char other[24];
  snprintf(other, sizeof other, "errno %ld", -r);
  return other;
}
void V(const char *label, long r) {
  if (r < 0 && r >= -4095) printf("%s: %s\n", label, err(r)); else printf("%s: %ld\n", label, r);
}
const char *signame(int sig) {
  static const char names[] =
    "0\0SIGHUP\0SIGINT\0SIGQUIT\0SIGILL\0SIGTRAP\0SIGABRT\0SIGBUS\0SIGFPE\0SIGKILL\0SIGUSR1\0SIGSEGV\0SIGUSR2\0SIGPIPE\0SIGALRM\0SIGTERM\0SIGSTKFLT\0"
    "SIGCHLD\0SIGCONT\0SIGSTOP\0SIGTSTP\0SIGTTIN\0SIGTTOU\0SIGURG\0SIGXCPU\0SIGXFSZ\0SIGVTALRM\0SIGPROF\0SIGWINCH\0SIGIO\0SIGPWR\0SIGSYS\0";
  static char rt[16];
  if (sig < 0 || sig > 31) { snprintf(rt, sizeof rt, "SIG%d", sig); return rt; }
  const char *s = names;
  while (sig--) s += strlen(s) + 1;
  return s;
}
void pstat(const char *label, int st) {
  if ((st & 0x7f) == 0) printf("%s: exited %d\n", label, (st >> 8) & 0xff);
  else if (st == 0xffff) printf("%s: continued\n", label);
  else if ((st & 0xff) == 0x7f) printf("%s: stopped %s\n", label, signame((st >> 8) & 0xff));
  else printf("%s: killed %s\n", label, signame(st & 0x7f));
}
