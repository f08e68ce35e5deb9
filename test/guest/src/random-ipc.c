// Random operations on pipes, socket pairs and eventfds, all non-blocking: results, bytes and poll(2) states as on Linux. Each seed prints
// a checksum of everything it saw; `prog SEED` prints the operations, `prog FROM TO` takes other seeds.
#include "net.h"
enum { N = 10, STEPS = 400 };
static u64 state;
static u32 sum;
static int verbose, fd[N], kind[N]; // 0 none, 1 pipe, 2 stream, 3 dgram, 4 seqpacket, 5 eventfd
static u8 data[80000];
static u32 rnd(u32 n) {
  state = state * 6364136223846793005ul + 1442695040888963407ul;
  return (state >> 33) % n;
}
static void note(const char *op, int a, long v, long r) {
  sum = (sum * 31 + a) * 31 + (u32)v * 7 + (u32)r;
  if (verbose) printf("%s %d(%d) %ld = %ld %s\n", op, a, kind[a], v, r, err(r));
}
static int slot(int used) {
  int at = rnd(N);
  for (int i = 0; i < N; i++)
    if ((kind[(at + i) % N] != 0) == used) return (at + i) % N;
  return -1;
}
static void keep(int f, int k) {
  int i = slot(0);
  if (i < 0)
    close(f);
  else {
    fd[i] = f;
    kind[i] = k;
  }
}
static void bytes(const u8 *p, long n) {
  for (long i = 0; i < n; i++) sum = sum * 33 + p[i];
}
static void pair(void) {
  int p[2], k = 1 + rnd(5);
  if (k == 1)
    pipe2(p, O_NONBLOCK);
  else if (k == 5) {
    int start = rnd(3), flags = O_NONBLOCK | rnd(2);
    keep(SC(eventfd2, start, flags), 5);
    return;
  } else
    SC(socketpair, AF_UNIX, (k == 2 ? SOCK_STREAM : k == 3 ? SOCK_DGRAM : SOCK_SEQPACKET) | SOCK_NONBLOCK, 0, p);
  keep(p[0], k);
  keep(p[1], k);
}
static long size(int k) {
  static const int pipes[] = { 0, 1, 5, 100, 1000, 400, 64, 700, 3, 900 }, small[] = { 0, 1, 2, 7, 30, 64, 100, 200, 8, 8 };
  return k == 1 ? pipes[rnd(10)] : small[rnd(10)];
}
static void step(void) {
  static u8 b[80000];
  int i = slot(1), op = rnd(14);
  if (i < 0 || op == 0) {
    pair();
    return;
  }
  long n = size(kind[i]), r;
  if (kind[i] == 4 && n == 0) n = 1; // an unread empty packet at close is a case of its own
  switch (op) {
  case 1:
  case 2:
  case 3:
    if (kind[i] == 5) {
      u64 v = rnd(5);
      r = write(fd[i], &v, n > 0 && rnd(4) == 0 ? 4 : 8);
    } else
      r = write(fd[i], data + n % 1000, n);
    note("write", i, n, r);
    break;
  case 4:
  case 5:
  case 6:
    r = read(fd[i], b, n);
    note("read", i, n, r);
    bytes(b, r);
    break;
  case 7:
    r = close(fd[i]);
    note("close", i, 0, r);
    kind[i] = 0;
    break;
  case 8:
    if (slot(0) >= 0) keep(dup(fd[i]), kind[i]);
    break;
  case 9:
  case 10: {
    struct pollfd p[N];
    struct timespec z = { 0, 0 };
    for (int j = 0; j < N; j++) p[j] = (struct pollfd){ kind[j] ? fd[j] : -1, POLLIN | POLLOUT | POLLPRI | 0x2000, 0 };
    r = ppoll(p, N, &z, 0);
    note("poll", i, 0, r);
    for (int j = 0; j < N; j++)
      if (kind[j]) note("  revents", j, p[j].revents, 0);
    break;
  }
  case 11: {
    int q = -1;
    r = ioctl(fd[i], FIONREAD, &q);
    note("FIONREAD", i, q, r);
    break;
  }
  case 12:
    if (kind[i] >= 2 && kind[i] <= 4) {
      int how = rnd(3);
      r = shutdown(fd[i], how);
      note("shutdown", i, how, r);
    }
    break;
  case 13:
    if (kind[i] >= 2 && kind[i] <= 4) {
      int f = MSG_PEEK | (rnd(2) ? MSG_TRUNC : 0);
      r = recv(fd[i], b, n, f);
      note("peek", i, n, r);
      bytes(b, r < n ? r : n);
    }
    break;
  }
}
int main(int argc, char **argv) {
  sigact(SIGPIPE, SIG_IGN, 0, 0);
  for (unsigned i = 0; i < sizeof data; i++) data[i] = i * 7 + i / 256;
  int first = argc > 1 ? atol(argv[1]) : 1, last = argc > 2 ? atol(argv[2]) : argc > 1 ? first : 60;
  verbose = argc == 2;
  for (int s = first; s <= last; s++) {
    state = s * 7919;
    sum = 0;
    for (int i = 0; i < STEPS; i++) step();
    for (int i = 0; i < N; i++)
      if (kind[i]) {
        close(fd[i]);
        kind[i] = 0;
      }
    printf("seed %d: %08x\n", s, sum);
  }
}
