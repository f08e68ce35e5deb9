// unix(7): SO_PEERCRED is fixed at connection; SCM_CREDENTIALS with SO_PASSCRED carries the sender's ids, forging needs privilege.
#include "net.h"
#define SO_PASSCRED 16
#define SO_PEERCRED 17
static void take(int s) {
  struct {
    struct cmsghdr h;
    struct ucred c;
    u32 pad;
  } c;
  char b[1];
  struct iovec v = { b, 1 };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = sizeof c };
  memset(&c, 0, sizeof c);
  long r = recvmsg(s, &m, 0);
  printf("got %ld control %d pid %d uid %d gid %d\n", r, m.controllen > 0,
         c.c.pid == getpid()    ? 1
         : c.c.pid == getppid() ? 2
         : c.c.pid == 0         ? 0
                                : 3,
         c.c.uid, c.c.gid);
}
int main(void) {
  int s[2], n = sizeof(struct ucred), one = 1;
  struct ucred u;
  socketpair(SOCK_STREAM, s);
  E("peercred", getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &u, &n));
  printf("pid %d uid %d gid %d\n", u.pid == getpid(), u.uid, u.gid);
  write(s[0], "a", 1);
  take(s[1]);
  setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, 4);
  write(s[0], "b", 1);
  take(s[1]);
  long pid = fork();
  if (pid == 0) {
    SC(setresgid, 7, 7, 7);
    SC(setresuid, 8, 8, 8);
    write(s[0], "c", 1);
    struct {
      struct cmsghdr h;
      struct ucred c;
      u32 pad;
    } c = { { CMSG_LEN(12), SOL_SOCKET, SCM_CREDENTIALS }, { getpid(), 0, 0 }, 0 };
    struct iovec v = { "d", 1 };
    struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = sizeof c };
    E("forged uid", sendmsg(s[0], &m, 0));
    c.c.uid = 8;
    c.c.gid = 7;
    V("true", sendmsg(s[0], &m, 0));
    c.c.pid = 1;
    E("forged pid", sendmsg(s[0], &m, 0));
    exit(0);
  }
  reap("child", pid);
  take(s[1]);
  take(s[1]);
}
