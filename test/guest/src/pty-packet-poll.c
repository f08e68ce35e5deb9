// poll(2) on ptys: readiness of both sides, canonical mode counts whole lines, HUP after close; flow control ^S ^Q.
#include "pty.h"
static void show(const char *l, int fd) {
  struct pollfd f = { fd, POLLIN | POLLOUT, 0 };
  struct timespec z = { 0, 20000000 };
  f.events = POLLIN;
  ppoll(&f, 1, &z, 0);
  f.events |= POLLOUT;
  z.tv_nsec = 0;
  ppoll(&f, 1, &z, 0);
  printf("%s:%s%s%s%s\n", l, f.revents & POLLIN ? " IN" : "", f.revents & POLLOUT ? " OUT" : "", f.revents & POLLHUP ? " HUP" : "",
         f.revents & POLLERR ? " ERR" : "");
}
int main(void) {
  struct pty p = pty_open();
  char b[64];
  show("master idle", p.m);
  show("slave idle", p.s);
  write(p.m, "par", 3);
  show("slave, partial line", p.s);
  show("master, echo", p.m);
  write(p.m, "t\n", 2);
  show("slave, line", p.s);
  read(p.s, b, 64);
  msleep(20);
  read_now(p.m, b, 64);
  write(p.m, "\023", 1);
  msleep(5);
  fcntl(p.s, F_SETFL, O_NONBLOCK);
  E("stopped output", write(p.s, "held", 4));
  write(p.m, "\021", 1);
  msleep(5);
  V("resumed", write(p.s, "free", 4));
  show_bytes("seen", b, read_now(p.m, b, 64));
  close(p.s);
  show("master, slave closed", p.m);
  p.s = open(p.name, O_RDWR | O_NOCTTY);
  show("reopened", p.m);
  close(p.m);
  show("slave, master closed", p.s);
}
