// udp(7) over the loopback: addresses, connected sockets, refusal, truncation, empty packets.
#include "net.h"
#include <linux/in.h>
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
int main(void) {
  lo_up();
  char b[16];
  int s = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0), len;
  struct sockaddr_in a = at(0), q, u = { .sin_family = 0 };
  E("bind", SC(bind, s, &a, sizeof a));
  len = sizeof q;
  SC(getsockname, s, &q, &len);
  E("no destination", send(c, "x", 1, 0));
  E("port 0", SC(sendto, c, "x", 1, 0, &a, sizeof a));
  V("sendto", SC(sendto, c, "query", 5, 0, &q, sizeof q));
  struct sockaddr_in from;
  len = sizeof from;
  V("recvfrom", SC(recvfrom, s, b, 3, MSG_TRUNC, &from, &len));
  printf("from len %d host %x\n", len, from.sin_addr.s_addr);
  V("reply", SC(sendto, s, "answer", 6, 0, &from, sizeof from));
  V("arrives", recv(c, b, 16, 0));
  V("empty", SC(sendto, c, "", 0, 0, &q, sizeof q));
  V("empty arrives", recv(s, b, 16, 0));
  E("none", recv(s, b, 16, MSG_DONTWAIT));
  E("too long", SC(sendto, c, b, 70000, 0, &q, sizeof q));
  E("connect", SC(connect, c, &q, sizeof q));
  V("send", send(c, "abc", 3, 0));
  recv(s, b, 16, 0);
  int third = socket(AF_INET, SOCK_DGRAM, 0);
  V("stranger sends", SC(sendto, third, "x", 1, 0, &from, sizeof from));
  msleep(5);
  E("not heard", recv(c, b, 16, MSG_DONTWAIT));
  len = sizeof from;
  E("getpeername", SC(getpeername, c, &from, &len));
  E("dissolve", SC(connect, c, &u, sizeof u));
  E("getpeername", (len = sizeof from, SC(getpeername, c, &from, &len)));
  E("connect", SC(connect, c, &q, sizeof q));
  close(s);
  V("to nobody", send(c, "x", 1, 0));
  msleep(5);
  struct pollfd p = { c, POLLIN | POLLOUT, 0 };
  struct timespec z = { 0, 0 };
  SC(ppoll, &p, 1, &z, 0, 8);
  printf("events %x\n", p.revents);
  E("refused", recv(c, b, 1, MSG_DONTWAIT));
  E("told", recv(c, b, 1, MSG_DONTWAIT));
  E("accept", accept4(c, 0, 0, 0));
  E("listen", listen(c, 1));
  E("family", socket(99, SOCK_STREAM, 0));
  E("type", socket(AF_INET, SOCK_SEQPACKET, 0));
  E("protocol", socket(AF_INET, SOCK_STREAM, 17));
  E("pair", SC(socketpair, AF_INET, SOCK_STREAM, 0, b));
}
