// poll(2), unix(7): socket readiness through its life: listening, connected, half closed (RDHUP), closed.
#include "net.h"
#define POLLRDHUP_ 0x2000
static void show(const char *l, int fd) {
  struct pollfd f = { fd, POLLIN | POLLOUT | POLLRDHUP_, 0 };
  struct timespec z = { 0, 0 };
  ppoll(&f, 1, &z, 0);
  printf("%s:%s%s%s%s%s\n", l, f.revents & POLLIN ? " IN" : "", f.revents & POLLOUT ? " OUT" : "", f.revents & POLLHUP ? " HUP" : "",
         f.revents & POLLERR ? " ERR" : "", f.revents & POLLRDHUP_ ? " RDHUP" : "");
}
int main(void) {
  int l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0), s[2];
  show("fresh", c);
  bind_to(l, "@p");
  listen(l, 5);
  show("listening", l);
  connect_to(c, "@p");
  show("pending", l);
  int a = accept4(l, 0, 0, 0);
  show("accepted", a);
  write(c, "x", 1);
  show("data", a);
  shutdown(c, SHUT_WR);
  show("peer shut down", a);
  show("self shut down", c);
  close(a);
  show("peer closed", c);
  socketpair(SOCK_DGRAM, s);
  show("dgram", s[0]);
  write(s[1], "", 0);
  show("empty datagram", s[0]);
  close(s[1]);
  char b;
  recv(s[0], &b, 1, MSG_DONTWAIT);
  show("dgram peer closed", s[0]);
  socketpair(SOCK_STREAM, s);
  fcntl(s[0], F_SETFL, O_NONBLOCK);
  static char big[10000];
  while (write(s[0], big, sizeof big) > 0);
  show("full", s[0]);
  while (recv(s[1], big, sizeof big, MSG_DONTWAIT) > 0);
  show("drained", s[0]);
}
