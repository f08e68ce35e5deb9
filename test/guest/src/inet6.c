// ipv6(7): loopback, dual stack and IPV6_V6ONLY, mapped addresses; socket options of the internet families.
#include "net.h"
#include <linux/in.h>
#include <linux/in6.h>
static void lo_up(void) {
  struct { char name[16]; short flags; char rest[22]; } r = { "lo", 0x41, "" };
  ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &r);
}
static struct sockaddr_in6 six(int port, int last) {
  struct sockaddr_in6 a = { .sin6_family = 10, .sin6_port = port };
  a.sin6_addr.s6_addr[15] = last;
  return a;
}
static void show(const char *label, struct sockaddr_in6 *a, int len) {
  printf("%s: len %d ", label, len);
  for (int i = 0; i < 16; i++) printf("%x.", a->sin6_addr.s6_addr[i]);
  printf("\n");
}
static void opt(const char *label, int s, int level, int name) {
  int v = -1, n = 4;
  long r = getsockopt(s, level, name, &v, &n);
  if (r < 0) E(label, r);
  else printf("%s: %d len %d\n", label, v, n);
}
int main(void) {
  lo_up();
  msleep(20);
  int l = socket(10, SOCK_STREAM, 0), len, one = 1;
  struct sockaddr_in6 a = six(0, 0), q;
  E("short", SC(bind, l, &a, 20));
  E("bind any", SC(bind, l, &a, sizeof a));
  listen(l, 4);
  len = sizeof q;
  SC(getsockname, l, &q, &len);
  show("listener", &q, len);
  int port = q.sin6_port;
  int c = socket(10, SOCK_STREAM, 0);
  a = six(port, 1);
  E("connect ::1", SC(connect, c, &a, sizeof a));
  len = sizeof q;
  int s = accept4(l, &q, &len, 0);
  show("client", &q, len);
  int c4 = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = 0x0100007f };
  E("connect 127.0.0.1", SC(connect, c4, &a4, sizeof a4));
  len = sizeof q;
  int s4 = accept4(l, &q, &len, 0);
  show("client", &q, len);
  len = sizeof q;
  SC(getsockname, s4, &q, &len);
  show("server side", &q, len);
  write(s4, "x", 1);
  char b[4];
  V("read", read(c4, b, 4));
  E("v4 taken", SC(bind, socket(AF_INET, SOCK_STREAM, 0), &a4, sizeof a4));
  int o = socket(10, SOCK_STREAM, 0);
  setsockopt(o, 41, 26, &one, 4);
  a = six(0, 0);
  E("only 6", SC(bind, o, &a, sizeof a));
  listen(o, 4);
  len = sizeof q;
  SC(getsockname, o, &q, &len);
  a4.sin_port = q.sin6_port;
  E("v4 refused", SC(connect, socket(AF_INET, SOCK_STREAM, 0), &a4, sizeof a4));
  E("v4 free", SC(bind, socket(AF_INET, SOCK_STREAM, 0), &a4, sizeof a4));
  E("v4 address", SC(connect, socket(10, SOCK_STREAM, 0), &a4, sizeof a4));
  int t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
  opt("reuseaddr", t, SOL_SOCKET, 2);
  opt("type", u, SOL_SOCKET, 3);
  opt("domain", t, SOL_SOCKET, 39);
  opt("protocol", t, SOL_SOCKET, 38);
  opt("keepalive", t, SOL_SOCKET, 9);
  opt("accepting", l, SOL_SOCKET, 30);
  opt("broadcast", u, SOL_SOCKET, 6);
  opt("nodelay", t, 6, 1);
  opt("keepidle", t, 6, 4);
  opt("keepintvl", t, 6, 5);
  opt("keepcnt", t, 6, 6);
  opt("nodelay of udp", u, 6, 1);
  opt("ttl", t, 0, 2);
  opt("tos", t, 0, 1);
  opt("v6only", l, 41, 26);
  opt("v6 option of v4", t, 41, 26);
  opt("unknown", t, SOL_SOCKET, 12345);
  opt("unknown level", t, 12345, 1);
  opt("lowat", t, SOL_SOCKET, 18);
  opt("linger", t, SOL_SOCKET, 13);
  opt("priority", t, SOL_SOCKET, 12);
  opt("passcred", t, SOL_SOCKET, 16);
  setsockopt(t, 6, 1, &one, 4);
  setsockopt(t, SOL_SOCKET, 2, &one, 4);
  opt("nodelay", t, 6, 1);
  opt("reuseaddr", t, SOL_SOCKET, 2);
  int zero = 0, big = 300;
  E("ttl 0", setsockopt(t, 0, 2, &zero, 4));
  E("ttl 300", setsockopt(t, 0, 2, &big, 4));
  E("keepidle 0", setsockopt(t, 6, 4, &zero, 4));
  E("short value", setsockopt(t, SOL_SOCKET, 2, &one, 2));
  E("read-only", setsockopt(t, SOL_SOCKET, 3, &one, 4));
  E("null value", setsockopt(t, SOL_SOCKET, 2, 0, 4));
  struct timeval tv = { 1, 2000000 };
  E("bad timeout", setsockopt(t, SOL_SOCKET, 20, &tv, sizeof tv));
}
