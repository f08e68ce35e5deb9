// unix(7): descriptors that are only reachable from sockets in flight are collected: a cycle does not keep a pipe's end open.
#include "net.h"
static void pass(int via, int *fds, int n) {
  struct {
    struct cmsghdr h;
    int fd[2];
  } c = { { CMSG_LEN(n * 4), SOL_SOCKET, SCM_RIGHTS }, { fds[0], n > 1 ? fds[1] : 0 } };
  struct iovec v = { "x", 1 };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = CMSG_SPACE(n * 4) };
  must(sendmsg(via, &m, 0));
}
static long end_of(int fd) {
  char c;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  long r = -EAGAIN;
  for (int i = 0; i < 100 && r == -EAGAIN; i++) {
    r = read(fd, &c, 1);
    if (r == -EAGAIN) msleep(5);
  }
  return r;
}
/** A listener in a message to a connection that it has not accepted. */
static void listener(void) {
  struct sockaddr_un a = { AF_UNIX, "\0cycle" };
  int l = socket(AF_UNIX, SOCK_STREAM, 0), s = socket(AF_UNIX, SOCK_STREAM, 0), p[2];
  must(SC(bind, l, &a, 8));
  must(listen(l, 1));
  must(SC(connect, s, &a, 8));
  pipe(p);
  int both[2] = { l, p[1] };
  pass(s, both, 2);
  close(p[1]);
  close(s);
  close(l);
  close(socket(AF_UNIX, SOCK_STREAM, 0));
  V("the pipe's other end, from the listener's own backlog", end_of(p[0]));
}
int main(void) {
  int s[2], p[2];
  pipe(p);
  socketpair(SOCK_STREAM, s);
  int both[2] = { s[1], p[1] };
  pass(s[0], both, 2);
  int other[1] = { s[0] };
  pass(s[1], other, 1);
  close(p[1]);
  close(s[0]);
  close(s[1]);
  close(socket(AF_UNIX, SOCK_STREAM, 0)); // Linux collects when a socket goes
  V("the pipe's other end", end_of(p[0]));
  listener();
}
