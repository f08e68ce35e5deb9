// Attacks with names that change hands (SECURITY.md, "Users against each other"): descriptors that are closed and opened again under a call, numbers of
// processes that have died, files that were deleted and made again.
#include "net.h"
#include <linux/sched.h>
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif
static int p[2], q[2];
static volatile int got;
static char in[8];
static int reader(void *a) {
  got = read(p[0], in, 8);
  return 0;
}
static int fork_exit(void) {
  long c = fork();
  if (c == 0) exit(0);
  return c;
}
static int asleep(void *a) { for (;;) msleep(1000); }
static long pass(int via, int fd) {
  struct { struct cmsghdr h; int fd, pad; } c = { { CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS }, fd, 0 };
  struct iovec v = { "x", 1 };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = CMSG_SPACE(4) };
  return sendmsg(via, &m, 0);
}
static int receive(int via) {
  struct { struct cmsghdr h; int fd, pad; } c;
  char b;
  struct iovec v = { &b, 1 };
  struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = sizeof c };
  return recvmsg(via, &m, 0) < 0 ? -1 : c.fd;
}
int main(void) {
  char b[64];
  struct thread t;
  // descriptors
  pipe(p);
  pipe(q);
  thread_start(&t, reader, 0);
  char where[32];
  snprintf(where, 32, "/proc/self/task/%d/stat", t.tid);
  msleep(20);
  int other = dup(p[1]);
  dup3(q[0], p[0], 0); // the number that the reader sleeps on is another pipe's now
  write(q[1], "wrong", 5);
  write(other, "right", 5);
  thread_join(&t);
  printf("a read whose descriptor was replaced: %d %s\n", got, in);
  int s[2];
  socketpair(SOCK_STREAM, s);
  put("a", "first");
  put("b", "second");
  int fd = open("a", O_RDONLY);
  E("a descriptor in flight", pass(s[0], fd));
  dup3(open("b", O_RDONLY), fd, 0);
  int in_flight = receive(s[1]);
  memset(b, 0, 8);
  read(in_flight, b, 8);
  printf("is still the file it was: %s\n", b);
  E("closed in flight", ({ int f = open("a", O_RDONLY); pass(s[0], f); close(f); unlink("a"); put("a", "third"); 0; }));
  in_flight = receive(s[1]);
  memset(b, 0, 8);
  read(in_flight, b, 8);
  printf("lives, and is not the new file of its name: %s\n", b);
  E("O_PATH in flight opens nothing", ({ int f = open("b", O_PATH); pass(s[0], f); read(receive(s[1]), b, 1); }));
  int ep = SC(epoll_create1, 0), e1[2];
  pipe(e1);
#ifdef __x86_64__
  struct { u32 events; u64 data; } __attribute__((packed)) ev = { 1, 1 };
#else
  struct { u32 events; u64 data; } ev = { 1, 1 };
#endif
  E("watch a descriptor", SC(epoll_ctl, ep, 1, e1[0], &ev));
  int kept = dup(e1[0]);
  close(e1[0]);
  dup3(q[0], e1[0], 0);
  E("its number, now another file's, is not watched", SC(epoll_ctl, ep, 2, e1[0], &ev));
  write(e1[1], "x", 1);
  close(kept);
  V("and when the last one is closed nothing is told", SC(epoll_pwait, ep, b, 1, 0, 0, 8));
  // processes
  long dead = fork_exit();
  long pfd = SC(pidfd_open, dead, 0);
  snprintf(b, 64, "/proc/%ld", dead);
  int dir = open(b, O_RDONLY | O_DIRECTORY);
  waitpid(dead, NULL, 0);
  E("signal through the pidfd of the dead", SC(pidfd_send_signal, pfd, SIGKILL, NULL, 0));
  E("descriptor of the dead", SC(pidfd_getfd, pfd, 0, 0));
  E("wait for the dead again", waitpid(dead, NULL, 0));
  struct clone_args ca = { .exit_signal = SIGCHLD, .set_tid = (u64)&dead, .set_tid_size = 1 };
  int want = dead;
  ca.set_tid = (u64)&want;
  long again = SC(clone3, &ca, sizeof ca);
  if (again == 0) asleep(0);
  printf("the number is given to another: %d\n", again == dead);
  E("signal through the old pidfd", SC(pidfd_send_signal, pfd, SIGKILL, NULL, 0));
  E("status through the old directory", openat(dir, "status", O_RDONLY));
  E("memory through the old directory", openat(dir, "mem", O_RDWR));
  E("its list of descriptors", openat(dir, "fd", O_RDONLY | O_DIRECTORY));
  printf("the new one lives: %d\n", kill(again, 0) == 0);
  kill(again, SIGKILL);
  reap("the new one", again);
  // files
  put("f", "old");
  fd = open("f", O_RDWR);
  unlink("f");
  put("f", "new");
  write(fd, "OLD", 3);
  cat("a deleted file's descriptor does not write to the new one", "f");
  snprintf(b, 64, "/proc/self/fd/%d", fd);
  E("it is not linked again by its name", link(b, "back"));
  mkdir("d", 0755);
  int d = open("d", O_RDONLY | O_DIRECTORY);
  rmdir("d");
  mkdir("d", 0755);
  E("a removed directory takes no files", openat(d, "x", O_CREAT | O_WRONLY, 0644));
  E("and has no parent to climb to", openat(d, "../f", O_RDONLY) < 0 ? -2 : 0);
}
