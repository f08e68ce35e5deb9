// unix(7) datagrams: boundaries, truncation, sendto and connect, source addresses, full queue, peers that vanish.
#include "net.h"
int main(void) {
  char b[32]; struct sockaddr_un a; int len;
  int r = socket(AF_UNIX, SOCK_DGRAM, 0), s = socket(AF_UNIX, SOCK_DGRAM, 0);
  E("bind", bind_to(r, "r")); E("send unconnected", send(s, "x", 1, 0)); E("connect", connect_to(s, "r"));
  V("one", send(s, "one", 3, 0)); V("two", send(s, "second", 6, 0)); V("empty", send(s, "", 0, 0));
  V("peek", recv(r, b, 32, MSG_PEEK)); V("first", recv(r, b, 32, 0)); V("cut", recv(r, b, 2, MSG_TRUNC)); V("empty", recv(r, b, 32, 0)); E("none", recv(r, b, 32, MSG_DONTWAIT));
  bind_to(s, "s"); send(s, "named", 5, 0); len = sizeof a; SC(recvfrom, r, b, 32, 0, &a, &len); show_addr("from", &a, len);
  int t = socket(AF_UNIX, SOCK_DGRAM, 0); len = unix_addr(&a, "r"); V("sendto", SC(sendto, t, "t", 1, 0, &a, len)); len = sizeof a; SC(recvfrom, r, b, 32, 0, &a, &len); show_addr("from", &a, len);
  E("sendto nowhere", (len = unix_addr(&a, "none"), SC(sendto, t, "t", 1, 0, &a, len)));
  fcntl(s, F_SETFL, O_NONBLOCK); int n = 0; long e; while ((e = send(s, "q", 1, 0)) > 0) n++; printf("full after at least ten: %d %s\n", n >= 10, err(e));
  close(r); E("peer gone", send(s, "x", 1, 0)); 
  int p[2]; socketpair(SOCK_DGRAM, p); write(p[0], "abc", 3); write(p[0], "de", 2); V("pair", read(p[1], b, 2)); V("pair", read(p[1], b, 32)); E("listen", listen(p[0], 1));
  close(p[0]); E("write to closed pair", write(p[1], "x", 1)); 
  static char big[300000]; socketpair(SOCK_DGRAM, p); E("too big", write(p[0], big, sizeof big));
}
