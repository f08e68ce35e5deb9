// seccomp_unotify(2): a supervisor answers calls of a child: values, errors, continue, a descriptor put into the target; signals that take the
// question back; what happens when either side goes.
#include "seccomp.h"
#include "net.h"
#define RECV SECCOMP_IOCTL_NOTIF_RECV
#define SEND SECCOMP_IOCTL_NOTIF_SEND
static int sock[2];
static void give(int fd) {
  struct { struct cmsghdr h; int fd[2]; } c = { { CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS }, { fd } };
  struct iovec v = { "x", 1 };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = CMSG_SPACE(4) };
  must(sendmsg(sock[1], &m, 0));
}
static int take(void) {
  struct { struct cmsghdr h; int fd[2]; } c;
  char b[1];
  struct iovec v = { b, 1 };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = CMSG_SPACE(4) };
  must(recvmsg(sock[0], &m, 0));
  return c.fd[0];
}
static int interrupted;
static void on_usr1(int s) { interrupted++; }
static int child(void *a) {
  no_new_privs();
  int fd = must(FILTER_FLAGS(SECCOMP_FILTER_FLAG_NEW_LISTENER, LD(OFF(nr)), IF(__NR_getppid, 2, 0), IF(__NR_getsid, 1, 0), RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_USER_NOTIF)));
  V("cloexec", fcntl(fd, F_GETFD));
  E("a second listener", FILTER_FLAGS(SECCOMP_FILTER_FLAG_NEW_LISTENER, RET(SECCOMP_RET_ALLOW)));
  give(fd);
  close(fd);
  V("answer", getppid());
  E("error", getppid());
  printf("continued: %s\n", getsid(0) > 0 ? "ok" : "no");
  char b[8] = "";
  long got = getppid();
  V("descriptor", got);
  V("read from it", read(got, b, 5));
  printf("[%s]\n", b);
  V("at 77", getppid());
  V("read from 77", read(77, b, 5));
  sigact(SIGUSR1, on_usr1, 0, 0);
  E("interrupted", getppid());
  V("handlers", interrupted);
  sigact(SIGUSR1, on_usr1, SA_RESTART, 0);
  V("restarted", getppid());
  E("listener gone", getppid());
  return 0;
}
static struct seccomp_notif n;
static struct seccomp_notif_resp r;
static void receive(int fd, const char *label, long pid) {
  memset(&n, 0, sizeof n);
  long e = ioctl(fd, RECV, &n);
  if (e < 0) E(label, e);
  else printf("%s: pid %s arch %s flags %d\n", label, n.pid == pid ? "right" : "wrong", n.data.arch == ARCH ? "right" : "wrong", n.flags);
}
static long reply(int fd, long val, int error, u32 flags) {
  r = (struct seccomp_notif_resp){ .id = n.id, .val = val, .error = error, .flags = flags };
  return ioctl(fd, SEND, &r);
}
static void state(int fd, const char *label) {
  struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
  struct timespec now = { 0, 0 };
  ppoll(&p, 1, &now, NULL);
  printf("%s: poll %x\n", label, p.revents);
}
int main(void) {
  must(socketpair(SOCK_STREAM, sock));
  long pid = spawn(child, 0);
  int fd = take();
  memset(&n, 1, sizeof n);
  E("buffer not zero", ioctl(fd, RECV, &n));
  E("other ioctl", ioctl(fd, 0x2140, 0));
  await_state(pid, 'S');
  state(fd, "before");
  receive(fd, "first", pid);
  printf("getppid: %s\n", n.data.nr == __NR_getppid ? "yes" : "no");
  state(fd, "received");
  E("id valid", ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id));
  u64 other = n.id + 1;
  E("other id", ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &other));
  E("bad flags", reply(fd, 0, 0, 8));
  E("continue with a value", reply(fd, 1, 0, 1));
  // Between a reply and the next question the child prints: what we have to say waits.
  long first = reply(fd, 4711, 0, 0);
  receive(fd, "error", pid);
  E("answer", first);
  E("twice", ioctl(fd, SEND, &r));
  reply(fd, 0, -EXDEV, 0);
  receive(fd, "continue", pid);
  reply(fd, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
  receive(fd, "descriptor", pid);
  put("f", "hello world");
  int f = open("f", O_RDONLY);
  struct seccomp_notif_addfd add = { .id = n.id, .srcfd = f };
  add.newfd = 5;
  E("place without SETFD", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add));
  add.newfd = 0;
  add.id = n.id + 1;
  E("other id", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add));
  add.id = n.id;
  add.srcfd = 99;
  E("no such file", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add));
  add.srcfd = f;
  long made = ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
  V("made", made);
  reply(fd, made, 0, 0);
  receive(fd, "descriptor 77", pid);
  add = (struct seccomp_notif_addfd){ .id = n.id, .srcfd = f, .newfd = 77, .flags = SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND };
  made = ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
  receive(fd, "interrupted", pid);
  V("made and sent", made);
  must(kill(pid, SIGUSR1));
  receive(fd, "restarted", pid);
  u64 old = n.id;
  must(kill(pid, SIGUSR1));
  msleep(50);
  E("id after the signal", ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &old));
  E("reply after the signal", reply(fd, 1, 0, 0));
  receive(fd, "again", pid);
  reply(fd, 99, 0, 0);
  receive(fd, "last", pid);
  close(fd);
  reap("child", pid);
}
