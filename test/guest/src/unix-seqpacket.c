// unix(7) SOCK_SEQPACKET: connection and boundaries; MSG_TRUNC; EOF; shutdown.
#include "net.h"
int main(void) {
  int p[2];
  char b[16];
  sigact(SIGPIPE, SIG_IGN, 0, 0);
  E("pair", socketpair(SOCK_SEQPACKET, p));
  write(p[0], "first", 5);
  write(p[0], "2nd", 3);
  V("cut", read(p[1], b, 2));
  V("next", read(p[1], b, 16));
  write(p[0], "abcdef", 6);
  struct iovec v = { b, 3 };
  struct msghdr m = { .iov = &v, .iovlen = 1 };
  V("recvmsg", recvmsg(p[1], &m, 0));
  printf("trunc %d\n", (m.flags & MSG_TRUNC) != 0);
  close(p[0]);
  V("eof", read(p[1], b, 16));
  E("write", write(p[1], "x", 1));
  int l = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  bind_to(l, "@q");
  listen(l, 2);
  E("stream connects to seqpacket", connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "@q"));
  int c = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  E("unconnected", write(c, "x", 1));
  E("connect", connect_to(c, "@q"));
  int s = accept4(l, 0, 0, 0);
  write(c, "hi", 2);
  V("served", read(s, b, 16));
}
