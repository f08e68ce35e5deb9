// Pseudo-terminals for the tests: pty(7), ioctl_tty(2).
#pragma once
#include "t.h"
struct pty { int m, s, n; char name[24]; };
/** Opens /dev/ptmx, unlocks, opens the other side without making it a controlling terminal. */
static inline struct pty pty_open(void) {
  struct pty p; int zero = 0;
  p.m = must(open("/dev/ptmx", O_RDWR | O_NOCTTY));
  must(ioctl(p.m, TIOCSPTLCK, &zero));
  must(ioctl(p.m, TIOCGPTN, &p.n));
  snprintf(p.name, sizeof p.name, "/dev/pts/%d", p.n);
  p.s = must(open(p.name, O_RDWR | O_NOCTTY));
  return p;
}
/** Turns off the given local flags (and OPOST when `opost` is 0). */
static inline void pty_flags(int fd, u32 off, u32 on) {
  struct termios t;
  must(ioctl(fd, TCGETS, &t));
  t.c_lflag = (t.c_lflag & ~off) | on;
  must(ioctl(fd, TCSETS, &t));
}
/** Prints bytes with controls as ^X. */
static inline void show_bytes(const char *l, const char *b, long n) {
  if (n < 0) { printf("%s: %s\n", l, err(n)); return; }
  char o[512]; int k = 0;
  for (long i = 0; i < n && k < 500; i++) { u8 c = b[i]; if (c < 32 || c == 127) { o[k++] = '^'; o[k++] = c ^ 64; } else o[k++] = c; }
  o[k] = 0;
  printf("%s: %ld [%s]\n", l, n, o);
}
/** Reads what is there now, waiting at most 500 ms for the first byte. */
static inline long read_now(int fd, char *b, int n) {
  struct pollfd f = { fd, POLLIN, 0 }; struct timespec t = { 0, 500000000 };
  if (ppoll(&f, 1, &t, 0) <= 0) return -EAGAIN;
  return read(fd, b, n);
}
/** Waits until `n` bytes are queued for reading (the line discipline may work in the background). */
static inline void await_bytes(int fd, int n) { int k = 0; for (int i = 0; i < 100; i++) { ioctl(fd, FIONREAD, &k); if (k >= n) return; msleep(2); } }
