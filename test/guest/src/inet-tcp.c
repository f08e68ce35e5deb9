// tcp(7) over the loopback: bind, names, refusal, non-blocking connect, half close, reset, poll(2) events of every state.
#include "net.h"
#include <linux/in.h>
static int port;
/** The recorder's network name space starts with lo down. */
static void lo_up(void) {
  struct {
    char name[16];
    short flags;
    char rest[22];
  } r = { "lo", 0x41, "" };
  ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &r);
}
static struct sockaddr_in at(int p) {
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = p >> 8 | (p & 255) << 8, .sin_addr.s_addr = 0x0100007f };
  return a;
}
static long conn(int s, int p) {
  struct sockaddr_in a = at(p);
  return SC(connect, s, &a, sizeof a);
}
static void show(const char *label, int s) {
  struct pollfd p = { s, POLLIN | POLLOUT | POLLRDHUP, 0 };
  struct timespec z = { 0, 0 };
  SC(ppoll, &p, 1, &z, 0, 8);
  printf("%s: %x\n", label, p.revents);
}
static void err_of(const char *label, int s) {
  int v = 0, n = 4;
  getsockopt(s, SOL_SOCKET, 4, &v, &n);
  printf("%s: %d\n", label, v);
}
int main(void) {
  lo_up();
  sigact(SIGPIPE, SIG_IGN, 0, 0);
  char b[32];
  int l = socket(AF_INET, SOCK_STREAM, 0), len;
  struct sockaddr_in a = at(0), q;
  show("fresh", l);
  E("short address", SC(bind, l, &a, 8));
  a.sin_family = 99;
  E("wrong family", SC(bind, l, &a, sizeof a));
  a = at(0);
  a.sin_addr.s_addr = 0x01010101;
  E("not ours", SC(bind, l, &a, sizeof a));
  a = at(0);
  E("bind", SC(bind, l, &a, sizeof a));
  E("again", SC(bind, l, &a, sizeof a));
  len = sizeof q;
  E("getsockname", SC(getsockname, l, &q, &len));
  port = (q.sin_port & 255) << 8 | q.sin_port >> 8;
  printf("len %d ephemeral %d host %x\n", len, port >= 32768 && port < 61000, q.sin_addr.s_addr);
  int c = socket(AF_INET, SOCK_STREAM, 0);
  E("refused", conn(c, port));
  E("accept before listen", accept4(l, 0, 0, 0));
  E("listen", listen(l, 2));
  show("listening", l);
  E("recv of listener", recv(l, b, 1, 0));
  a = at(port);
  E("in use", SC(bind, socket(AF_INET, SOCK_STREAM, 0), &a, sizeof a));
  E("send unconnected", send(c, "x", 1, MSG_NOSIGNAL));
  E("recv unconnected", recv(c, b, 1, 0));
  E("shutdown unconnected", shutdown(socket(AF_INET, SOCK_STREAM, 0), SHUT_WR));
  E("peer of unconnected", (len = sizeof q, SC(getpeername, c, &q, &len)));
  E("connect", conn(c, port));
  E("twice", conn(c, port));
  show("listener with one", l);
  show("connected", c);
  len = sizeof q;
  int s = accept4(l, &q, &len, SOCK_CLOEXEC);
  struct sockaddr_in r;
  int n = sizeof r;
  SC(getsockname, c, &r, &n);
  printf("accepted len %d same port %d\n", len, q.sin_port == r.sin_port);
  n = sizeof r;
  SC(getpeername, c, &r, &n);
  printf("peer is listener %d\n", r.sin_port == at(port).sin_port);
  E("bind connected", (a = at(0), SC(bind, c, &a, sizeof a)));
  E("listen connected", listen(c, 1));
  V("send", send(c, "hello", 5, 0));
  V("peek", recv(s, b, 32, MSG_PEEK));
  int v = 0;
  ioctl(s, FIONREAD, &v);
  printf("queued %d\n", v);
  V("recv", recv(s, b, 3, 0));
  V("rest", recv(s, b, 32, 0));
  E("nothing", recv(s, b, 32, MSG_DONTWAIT));
  a = at(9);
  V("sendto ignores the address", SC(sendto, c, "x", 1, 0, &a, sizeof a));
  recv(s, b, 1, 0);
  E("shutdown wr", shutdown(c, SHUT_WR));
  show("half closed", s);
  show("closing", c);
  V("eof", recv(s, b, 32, 0));
  E("send after shutdown", send(c, "x", 1, MSG_NOSIGNAL));
  V("other way", send(s, "back", 4, 0));
  V("arrives", recv(c, b, 32, 0));
  close(s);
  msleep(5);
  show("both closed", c);
  V("eof too", recv(c, b, 32, 0));
  close(c);

  c = socket(AF_INET, SOCK_STREAM, 0);
  conn(c, port);
  s = accept4(l, 0, 0, 0);
  close(s);
  msleep(5);
  show("peer gone", c);
  V("one write", send(c, "lost", 4, MSG_NOSIGNAL));
  msleep(5);
  show("after reset", c);
  E("next write", send(c, "lost", 4, MSG_NOSIGNAL));
  V("read", recv(c, b, 1, 0));
  close(c);

  c = socket(AF_INET, SOCK_STREAM, 0);
  conn(c, port);
  s = accept4(l, 0, 0, 0);
  send(c, "unread", 6, 0);
  close(s);
  msleep(5);
  show("reset", c);
  E("reset read", recv(c, b, 1, 0));
  V("then eof", recv(c, b, 1, 0));
  E("reset write", send(c, "x", 1, MSG_NOSIGNAL));
  close(c);

  c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  E("nonblock", conn(c, port));
  msleep(5);
  show("established", c);
  E("second", conn(c, port));
  E("third", conn(c, port));
  s = accept4(l, 0, 0, SOCK_NONBLOCK);
  printf("nonblock inherited %d\n", (fcntl(s, F_GETFL) & O_NONBLOCK) != 0);
  E("empty backlog", (fcntl(l, F_SETFL, O_RDWR | O_NONBLOCK), accept4(l, 0, 0, 0)));
  int d = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  E("nonblock refused", conn(d, 1));
  msleep(5);
  show("failed", d);
  err_of("so_error", d);
  err_of("so_error again", d);
  show("failed, told", d);
  E("aborted", conn(d, port));
  E("in progress", conn(d, port));
  V("works", send(d, "x", 1, MSG_NOSIGNAL));
  accept4(l, 0, 0, 0);
  int e = socket(AF_INET, SOCK_STREAM, 0);
  conn(e, port);
  s = accept4(l, 0, 0, 0);
  int hard[2] = { 1, 0 };
  E("linger", setsockopt(s, SOL_SOCKET, 13, hard, 8));
  close(s);
  msleep(5);
  show("aborted", e);
  E("aborted", recv(e, b, 1, 0));
  int g = socket(AF_INET, SOCK_STREAM, 0);
  conn(g, port);
  close(l);
  msleep(5);
  E("never accepted", recv(g, b, 1, 0));
  E("after close", conn(socket(AF_INET, SOCK_STREAM, 0), port));
}
