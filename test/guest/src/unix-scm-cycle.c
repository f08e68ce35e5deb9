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
int main(void) {
  int s[2], p[2];
  char c;
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
  fcntl(p[0], F_SETFL, O_NONBLOCK);
  long r = -EAGAIN;
  for (int i = 0; i < 100 && r == -EAGAIN; i++) {
    r = read(p[0], &c, 1);
    if (r == -EAGAIN) msleep(5);
  }
  V("the pipe's other end", r);
}
