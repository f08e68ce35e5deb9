// Random keys, outputs, reads and settings on a pseudo terminal: what the line discipline makes of them as on Linux. Each seed prints a
// checksum; `prog SEED` prints the operations, `prog FROM TO` takes other seeds.
#include "pty.h"
static u64 state;
static u32 sum;
static int verbose;
static struct pty p;
static u32 rnd(u32 n) {
  state = state * 6364136223846793005ul + 1442695040888963407ul;
  return (state >> 33) % n;
}
static void note(const char *op, long v, const char *b, long r) {
  for (const char *c = op; *c; c++) sum = sum * 31 + *c;
  sum = (sum * 31 + (u32)v) * 31 + (u32)r;
  for (long i = 0; b && i < r; i++) sum = sum * 33 + (u8)b[i];
  if (!verbose) return;
  printf("%s %lx ", op, v);
  if (b) show_bytes("", b, r);
  else printf("%ld\n", r);
}
static void settle(void) { msleep(verbose ? 5 : 3); }
static void type(void) {
  static const char keys[] = "abcXY z\n\n\n\r\t\177\177\025\027\004\026\022\001\003\014\377\303\251\0";
  char b[12];
  int n = 1 + rnd(11);
  for (int i = 0; i < n; i++) b[i] = keys[rnd(sizeof keys - 1)];
  note("type", n, b, n);
  note("typed", 0, NULL, write(p.m, b, n));
  settle();
}
static void print(void) {
  static const char chars[] = "hello\n\n\t\r\bW\001";
  char b[10];
  int n = rnd(10);
  for (int i = 0; i < n; i++) b[i] = chars[rnd(sizeof chars - 1)];
  note("print", n, b, n);
  note("printed", 0, NULL, write(p.s, b, n));
  settle();
}
static void configure(void) {
  static const struct {
    u8 which;
    u32 bit;
  } flags[] = {
    { 0, ICANON }, { 0, ECHO },   { 0, ECHOE },   { 0, ECHOK }, { 0, ECHONL }, { 0, ECHOCTL }, { 0, ECHOKE }, { 0, IEXTEN },
    { 0, ISIG },   { 0, NOFLSH }, { 0, ECHOPRT }, { 1, ICRNL }, { 1, INLCR },  { 1, IGNCR },   { 1, ISTRIP }, { 1, IUTF8 },
    { 1, IUCLC },  { 2, OPOST },  { 2, ONLCR },   { 2, OCRNL }, { 2, ONOCR },  { 2, ONLRET },  { 2, OLCUC },  { 2, XTABS },
  };
  struct termios t;
  ioctl(p.s, TCGETS, &t);
  int i = rnd(sizeof flags / sizeof *flags), how = rnd(3);
  if (rnd(3) == 0) i = 0;
  u32 *word = flags[i].which == 0 ? &t.c_lflag : flags[i].which == 1 ? &t.c_iflag : &t.c_oflag;
  *word ^= flags[i].bit;
  t.c_cc[VMIN] = rnd(2);
  note("set", flags[i].which * 0x100000l + flags[i].bit, NULL, ioctl(p.s, how == 0 ? TCSETS : how == 1 ? TCSETSW : TCSETSF, &t));
}
static void step(void) {
  char b[256];
  int n = 1 + rnd(40);
  switch (rnd(10)) {
  case 0:
  case 1:
  case 2: type(); break;
  case 3: print(); break;
  case 4:
  case 5: note("slave", n, b, read(p.s, b, n)); break;
  case 6: note("master", 0, b, read(p.m, b, sizeof b)); break;
  case 7: configure(); break;
  case 8: {
    int q = -1;
    ioctl(p.s, FIONREAD, &q);
    note("FIONREAD", q, NULL, 0);
    break;
  }
  case 9: {
    struct pollfd f[2] = { { p.m, POLLIN | POLLOUT, 0 }, { p.s, POLLIN | POLLOUT, 0 } };
    struct timespec z = { 0, 0 };
    ppoll(f, 2, &z, 0);
    note("poll", f[0].revents * 0x10000 + f[1].revents, NULL, 0);
    break;
  }
  }
}
int main(int argc, char **argv) {
  int first = argc > 1 ? atol(argv[1]) : 1, last = argc > 2 ? atol(argv[2]) : argc > 1 ? first : 6;
  verbose = argc == 2;
  for (int s = first; s <= last; s++) {
    state = s * 7919;
    sum = 0;
    p = pty_open();
    fcntl(p.s, F_SETFL, O_NONBLOCK);
    fcntl(p.m, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 120; i++) step();
    close(p.s);
    close(p.m);
    printf("seed %d: %08x\n", s, sum);
  }
}
