// socket(7): SO_TYPE, SO_DOMAIN, SO_ERROR, timeouts, buffer sizes; unknown options; ioctl FIONREAD; fstat of a socket.
#include "net.h"
int main(void) {
  int s[2], v = 0, n = 4; struct stat st; socketpair(SOCK_STREAM, s);
  getsockopt(s[0], SOL_SOCKET, 3, &v, &n); printf("type %d len %d\n", v, n); getsockopt(s[0], SOL_SOCKET, 39, &v, &n); printf("domain %d\n", v); getsockopt(s[0], SOL_SOCKET, 38, &v, &n); printf("protocol %d\n", v); getsockopt(s[0], SOL_SOCKET, 4, &v, &n); printf("error %d\n", v);
  struct timeval tv = { 0, 20000 }; E("rcvtimeo", setsockopt(s[0], SOL_SOCKET, 20, &tv, sizeof tv)); char c; long t = now_ms(); E("timed read", read(s[0], &c, 1)); t = now_ms() - t; printf("about 20 ms %d\n", t >= 15 && t < 1000);
  v = 5000; E("sndbuf", setsockopt(s[0], SOL_SOCKET, 7, &v, 4)); n = 4; getsockopt(s[0], SOL_SOCKET, 7, &v, &n); printf("doubled %d\n", v);
  E("unknown", getsockopt(s[0], SOL_SOCKET, 999, &v, &n)); E("bad level", getsockopt(s[0], 999, 1, &v, &n)); E("bad length", (n = -1, getsockopt(s[0], SOL_SOCKET, 3, &v, &n))); E("not a socket", getsockopt(open("/dev/null", O_RDONLY), SOL_SOCKET, 3, &v, &n)); E("bad fd", getsockopt(99, SOL_SOCKET, 3, &v, &n));
  write(s[1], "12345", 5); ioctl(s[0], FIONREAD, &v); printf("queued %d\n", v); fstat(s[0], &st); printf("mode %o\n", st.st_mode & S_IFMT); E("lseek", lseek(s[0], 0, 0)); E("pread", pread(s[0], &c, 1, 0));
  struct mmsghdr mm[2]; memset(mm, 0, sizeof mm); struct iovec a = { "xx", 2 }, b = { "yyy", 3 }; mm[0].hdr.iov = &a; mm[0].hdr.iovlen = 1; mm[1].hdr.iov = &b; mm[1].hdr.iovlen = 1; V("sendmmsg", SC(sendmmsg, s[1], mm, 2, 0)); printf("%d %d\n", mm[0].len, mm[1].len);
  char q[16]; struct iovec r1 = { q, 7 }, r2 = { q, 3 }; mm[0].hdr.iov = &r1; mm[1].hdr.iov = &r2; V("recvmmsg", SC(recvmmsg, s[0], mm, 2, 0, 0)); printf("%d %d\n", mm[0].len, mm[1].len);
}
