// unix(7) streams: both directions, no boundaries, EOF by close and by shutdown, EPIPE, MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT.
#include "net.h"
int main(void) {
  int s[2];
  char b[32] = "";
  sigact(SIGPIPE, SIG_IGN, 0, 0);
  E("pair", socketpair(SOCK_STREAM, s));
  write(s[0], "ab", 2);
  write(s[0], "cd", 2);
  write(s[1], "back", 4);
  V("peek", recv(s[1], b, 3, MSG_PEEK));
  V("joined", read(s[1], b, 32));
  printf("%s\n", b);
  V("other way", read(s[0], b, 32));
  E("dontwait", recv(s[0], b, 1, MSG_DONTWAIT));
  long pid = fork();
  if (pid == 0) {
    write(s[1], "12", 2);
    msleep(10);
    write(s[1], "345", 3);
    exit(0);
  }
  V("waitall", recv(s[0], b, 5, MSG_WAITALL));
  reap("child", pid);
  E("shutdown write", shutdown(s[0], SHUT_WR));
  V("peer eof", read(s[1], b, 1));
  E("own write", write(s[0], "x", 1));
  V("peer can still send", write(s[1], "y", 1));
  V("got", read(s[0], b, 4));
  E("shutdown read", shutdown(s[0], SHUT_RD));
  E("peer write", write(s[1], "z", 1));
  V("own read", read(s[0], b, 1));
  E("bad how", shutdown(s[0], 3));
  socketpair(SOCK_STREAM, s);
  write(s[0], "rest", 4);
  close(s[0]);
  V("rest after close", read(s[1], b, 32));
  V("eof", read(s[1], b, 32));
  E("write", write(s[1], "x", 1));
  socketpair(SOCK_STREAM, s);
  write(s[1], "unread", 6);
  close(s[0]);
  E("peer closed with unread data", read(s[1], b, 1));
  V("then", read(s[1], b, 1));
  E("MSG_NOSIGNAL", (sigact(SIGPIPE, SIG_DFL, 0, 0), send(s[1], "x", 1, MSG_NOSIGNAL)));
  E("bad protocol", SC(socketpair, AF_UNIX, SOCK_STREAM, 7, s));
  E("bad type", SC(socketpair, AF_UNIX, 77, 0, s));
  E("inet pair", SC(socketpair, AF_INET, SOCK_STREAM, 0, s));
  E("bad family", socket(99, SOCK_STREAM, 0));
}
