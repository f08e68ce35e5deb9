// unix(7) SCM_RIGHTS: descriptors travel with a message, share the description, get MSG_CMSG_CLOEXEC, are cut by a small buffer.
#include "net.h"
static long send_fds(int s, const char *text, int *fds, int n) {
  struct {
    struct cmsghdr h;
    int fd[4];
  } c = { { CMSG_LEN(n * 4), SOL_SOCKET, SCM_RIGHTS }, { 0 } };
  memcpy(c.fd, fds, n * 4);
  struct iovec v = { (void *)text, strlen(text) };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = CMSG_SPACE(n * 4) };
  return sendmsg(s, &m, 0);
}
static int recv_fds(int s, int *fds, int room, int flags) {
  struct {
    struct cmsghdr h;
    int fd[4];
  } c;
  char b[16] = "";
  struct iovec v = { b, 15 };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = room };
  memset(&c, 0, sizeof c);
  long r = recvmsg(s, &m, flags);
  int n = m.controllen >= sizeof c.h ? (int)(c.h.len - sizeof c.h) / 4 : 0;
  printf("got %ld [%s] fds %d ctrunc %d\n", r, b, n, (m.flags & MSG_CTRUNC) != 0);
  memcpy(fds, c.fd, n * 4);
  return n;
}
int main(void) {
  int s[2], fds[4], p[2], q[2];
  char b[16] = "";
  socketpair(SOCK_STREAM, s);
  put("f", "0123456789");
  int f = open("f", O_RDONLY);
  pipe(p);
  fds[0] = f;
  fds[1] = p[1];
  V("send", send_fds(s[0], "two", fds, 2));
  close(p[1]);
  recv_fds(s[1], fds, 64, 0);
  read(fds[0], b, 4);
  V("shared offset", lseek(f, 0, 1));
  write(fds[1], "through", 7);
  V("pipe", read(p[0], b, 16));
  close(fds[1]);
  V("eof", read(p[0], b, 16));
  fds[0] = f;
  send_fds(s[0], "c", fds, 1);
  recv_fds(s[1], fds, 64, MSG_CMSG_CLOEXEC);
  V("cloexec", fcntl(fds[0], F_GETFD));
  fds[0] = fds[1] = f;
  send_fds(s[0], "small", fds, 2);
  recv_fds(s[1], fds, CMSG_LEN(4), 0);
  fds[0] = f;
  send_fds(s[0], "none", fds, 1);
  recv_fds(s[1], fds, 0, 0);
  fds[0] = 99;
  E("bad fd", send_fds(s[0], "x", fds, 1));
  fds[0] = f;
  send_fds(s[0], "aa", fds, 1);
  write(s[0], "bb", 2);
  recv_fds(s[1], fds, 64, 0);
  recv_fds(s[1], fds, 64, 0);
  pipe(p);
  socketpair(SOCK_STREAM, q);
  fds[0] = p[1];
  send_fds(q[0], "lost", fds, 1);
  close(p[1]);
  close(q[0]);
  close(q[1]);
  V("in-flight closed with the socket", read(p[0], b, 1));
  fds[0] = f;
  send_fds(s[0], "plain", fds, 1);
  V("plain read drops them", read(s[1], b, 16));
}
