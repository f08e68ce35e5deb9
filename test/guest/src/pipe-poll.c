// poll(2) on pipes: POLLIN, POLLOUT, POLLHUP at the read end, POLLERR at the write end; POLLNVAL for closed descriptors.
#include "t.h"
static void show(const char *l, int fd) {
  struct pollfd f = { fd, POLLIN | POLLOUT | POLLPRI, 0 };
  struct timespec z = { 0, 0 };
  long r = ppoll(&f, 1, &z, 0);
  printf("%s: %ld%s%s%s%s%s\n", l, r, f.revents & POLLIN ? " IN" : "", f.revents & POLLOUT ? " OUT" : "", f.revents & POLLHUP ? " HUP" : "",
         f.revents & POLLERR ? " ERR" : "", f.revents & POLLNVAL ? " NVAL" : "");
}
int main(void) {
  int p[2];
  static char b[70000];
  pipe2(p, O_NONBLOCK);
  show("empty r", p[0]);
  show("empty w", p[1]);
  write(p[1], b, 10);
  show("some r", p[0]);
  show("some w", p[1]);
  write(p[1], b, 70000);
  show("full w", p[1]);
  close(p[1]);
  show("no writer, data", p[0]);
  while (read(p[0], b, 70000) > 0);
  show("no writer", p[0]);
  pipe(p);
  close(p[0]);
  show("no reader", p[1]);
  show("closed", p[0]);
  show("file", open("f", O_RDWR | O_CREAT, 0600));
  show("negative", -1);
  show("null", open("/dev/null", O_RDWR));
  show("directory", open(".", O_RDONLY));
}
