// Sockets: what the UAPI headers leave to the C library. socket(2), unix(7), cmsg(3).
#pragma once
#include "t.h"
#include <linux/un.h>
#define AF_UNIX 1
#define AF_INET 2
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_SEQPACKET 5
#define SOCK_NONBLOCK O_NONBLOCK
#define SOCK_CLOEXEC O_CLOEXEC
#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2
#define MSG_OOB 1
#define MSG_PEEK 2
#define MSG_CTRUNC 8
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_EOR 0x80
#define MSG_WAITALL 0x100
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000
#define SCM_RIGHTS 1
#define SCM_CREDENTIALS 2
#ifndef SOL_SOCKET
#define SOL_SOCKET 1
#endif
struct msghdr { void *name; int namelen; struct iovec *iov; size_t iovlen; void *control; size_t controllen; int flags; };
struct cmsghdr { size_t len; int level, type; u8 data[]; };
struct ucred { int pid; u32 uid, gid; };
struct mmsghdr { struct msghdr hdr; u32 len; };
#define CMSG_SPACE(n) ((((n) + 7) & ~7ul) + sizeof(struct cmsghdr))
#define CMSG_LEN(n) ((n) + sizeof(struct cmsghdr))
#define socket(d, t, p) SC(socket, d, t, p)
#define socketpair(t, sv) SC(socketpair, AF_UNIX, t, 0, sv)
#define listen(fd, n) SC(listen, fd, n)
#define accept4(fd, a, l, f) SC(accept4, fd, a, l, f)
#define shutdown(fd, h) SC(shutdown, fd, h)
#define send(fd, b, n, f) SC(sendto, fd, b, n, f, 0, 0)
#define recv(fd, b, n, f) SC(recvfrom, fd, b, n, f, 0, 0)
#define sendmsg(fd, m, f) SC(sendmsg, fd, m, f)
#define recvmsg(fd, m, f) SC(recvmsg, fd, m, f)
#define getsockopt(fd, l, o, v, n) SC(getsockopt, fd, l, o, v, n)
#define setsockopt(fd, l, o, v, n) SC(setsockopt, fd, l, o, v, n)

/** Fills `a` for a path, or for an abstract name when `name` starts with '@'. Answers the address length. */
static inline int unix_addr(struct sockaddr_un *a, const char *name) {
  memset(a, 0, sizeof *a);
  a->sun_family = AF_UNIX;
  int n = strlen(name);
  memcpy(a->sun_path, name, n);
  if (name[0] == '@') { a->sun_path[0] = 0; return 2 + n; }
  return 2 + n + 1;
}
static inline long bind_to(int fd, const char *name) {
  struct sockaddr_un a; int n = unix_addr(&a, name);
  return SC(bind, fd, &a, n);
}
static inline long connect_to(int fd, const char *name) {
  struct sockaddr_un a; int n = unix_addr(&a, name);
  return SC(connect, fd, &a, n);
}
/** Prints an address as unix(7) describes the three kinds. */
static inline void show_addr(const char *label, struct sockaddr_un *a, int len) {
  if (len <= 2) printf("%s: unnamed len=%d\n", label, len);
  else if (a->sun_path[0] == 0) printf("%s: @%s len=%d\n", label, a->sun_path + 1, len);
  else printf("%s: %s len=%d\n", label, a->sun_path, len);
}
