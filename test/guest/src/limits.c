// What a user can make the kernel keep is bounded: for each kind of object an ordinary user (or root, where only root can) makes them until the kernel says
// no, with the errno of its manual page; then everything is given back and one more can be made.
// limits-more.c has the rest.
// oracle: man
#include "net.h"
#include <linux/eventpoll.h>
#include <linux/keyctl.h>
#define MANY 300000

/** The errno that ends it; "none" is what must not be. */
static void row(const char *name, long r, long made) { printf("%s: %s%s\n", name, r < 0 ? err(r) : "none", made > 0 ? "" : " at once"); }

static void fds(void) {
  long r, n = 0;
  while (n < MANY && (r = SC(eventfd2, 0, 0)) >= 0) n++;
  row("descriptors", r, n);
  SC(close_range, 3, ~0U, 0);
}

static void pipes(void) {
  int p[2];
  long r = 0, n = 0, w = 0;
  static char big[65536];
  while (n < 4000 && (r = SC(pipe2, p, O_NONBLOCK)) >= 0) {
    n++;
    if ((w = write(p[1], big, sizeof big)) < 0) break;
  }
  row("pipes", r < 0 ? r : w, n);
  SC(close_range, 3, ~0U, 0);
}

static void epolls(void) {
  long r = 0, n = 0;
  struct epoll_event e = { .events = 1 };
  int fd[700];
  for (int i = 0; i < 700; i++) fd[i] = SC(eventfd2, 0, 0);
  while (n < MANY) {
    int ep = SC(epoll_create1, 0);
    if (ep < 0) break;
    for (int i = 0; i < 700 && (r = SC(epoll_ctl, ep, EPOLL_CTL_ADD, fd[i], &e)) >= 0; i++) n++;
    if (r < 0) break;
  }
  row("epoll watches", r, n);
  SC(close_range, 3, ~0U, 0);
  int ep = SC(epoll_create1, 0), one = SC(eventfd2, 0, 0);
  E("epoll, afterwards", SC(epoll_ctl, ep, EPOLL_CTL_ADD, one, &e));
  SC(close_range, 3, ~0U, 0);
}

static void inotifies(void) {
  long r, n = 0;
  while (n < MANY && (r = SC(inotify_init1, 0)) >= 0) n++;
  row("inotify instances", r, n);
  SC(close_range, 3, ~0U, 0);
  E("inotify, afterwards", SC(inotify_init1, 0));
  SC(close_range, 3, ~0U, 0);
}

static void locks(void) {
  long r = 0, n = 0;
  char name[16];
  for (int f = 0; f < 1000 && r >= 0; f++) {
    snprintf(name, sizeof name, "lock%d", f);
    int fd = openat(AT_FDCWD, name, O_CREAT | O_RDWR, 0600);
    for (int i = 0; i < 270; i++) {
      struct flock l = { .l_type = F_WRLCK, .l_start = 2 * i, .l_len = 1 };
      if ((r = fcntl( fd, F_SETLK, &l)) < 0) break;
      n++;
    }
  }
  row("record locks", r, n);
  SC(close_range, 3, ~0U, 0);
  int fd = openat(AT_FDCWD, "lock0", O_RDWR, 0);
  struct flock l = { .l_type = F_WRLCK, .l_len = 1 };
  E("locks, afterwards", fcntl( fd, F_SETLK, &l));
  SC(close_range, 3, ~0U, 0);
}

static void signals(void) {
  struct rlimit64 l = { 100, 100 };
  SC(prlimit64, 0, RLIMIT_SIGPENDING, &l, 0);
  unsigned long set = 1UL << (40 - 1);
  SC(rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
  siginfo_t info = { 0 };
  info.si_code = -1;
  long r = 0, n = 0;
  while (n < MANY && (r = SC(rt_sigqueueinfo, SC(getpid), 40, &info)) >= 0) n++;
  row("queued signals", r, n);
  struct timespec now = { 0, 0 };
  while (SC(rt_sigtimedwait, &set, 0, &now, 8) > 0); // timers count with them
  int id;
  n = 0;
  while (n < MANY && (r = SC(timer_create, 0, 0, &id)) >= 0) n++;
  row("timers", r, n);
}

static void keys(void) {
  static char name[32], big[8000];
  long r = 0, n = 0;
  while (n < MANY) {
    snprintf(name, sizeof name, "k%ld", n);
    if ((r = SC(add_key, "user", name, "x", 1, KEY_SPEC_PROCESS_KEYRING)) < 0) break;
    n++;
  }
  row("keys", r, n);
  r = SC(add_key, "user", "k0", big, sizeof big, KEY_SPEC_PROCESS_KEYRING);
  r = r < 0 ? r : SC(add_key, "user", "k1", big, sizeof big, KEY_SPEC_PROCESS_KEYRING);
  r = r < 0 ? r : SC(add_key, "user", "k2", big, sizeof big, KEY_SPEC_PROCESS_KEYRING);
  row("bytes of keys", r, 1);
}

static void flights(void) {
  int s[2];
  socketpair(SOCK_DGRAM | SOCK_NONBLOCK, s);
  struct { struct cmsghdr h; int fd[200]; } c = { .h = { sizeof(struct cmsghdr) + 800, SOL_SOCKET, SCM_RIGHTS } };
  long r = 0, n = 0;
  for (int i = 0; i < 200; i++) c.fd[i] = s[0];
  while (n < 900) {
    int p[2];
    if ((r = socketpair(SOCK_DGRAM | SOCK_NONBLOCK, p)) < 0) break;
    struct iovec v = { "x", 1 };
    struct msghdr m = { .iov = &v, .iovlen = 1, .control = &c, .controllen = sizeof(struct cmsghdr) + 800 };
    if ((r = sendmsg(p[0], &m, 0)) < 0) break;
    n++;
  }
  row("descriptors in flight", r, n);
  SC(close_range, 3, ~0U, 0);
}

static void tasks(void) {
  struct rlimit64 l = { 50, 50 };
  SC(prlimit64, 0, RLIMIT_NPROC, &l, 0);
  long r = 0, n = 0, pid[200];
  while (n < 200 && (r = SC(clone, SIGCHLD, 0, 0, 0, 0)) > 0) pid[n++] = r;
  if (r == 0) for (;;) SC(ppoll, 0, 0, 0, 0, 8);
  row("tasks", r, n);
  for (long i = 0; i < n; i++) SC(kill, pid[i], SIGKILL);
  while (SC(wait4, -1, 0, 0, 0) > 0);
}

static void names(void) {
  int fd = openat(AT_FDCWD, "x", O_CREAT | O_RDWR, 0600);
  long r = 0, n = 0;
  static char value[1000];
  while (n < MANY) {
    char name[32];
    snprintf(name, sizeof name, "user.%ld", n);
    if ((r = SC(fsetxattr, fd, name, value, sizeof value, 0)) < 0) break;
    n++;
  }
  row("extended attributes", r, n);
}

int main(void) {
  SC(fchmodat, AT_FDCWD, ".", 0777);
  void (*all[])(void) = { fds, pipes, epolls, inotifies, locks, flights, keys, tasks, names, signals };
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
    long pid = SC(clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
      SC(setresgid, 1000, 1000, 1000);
      SC(setresuid, 1000, 1000, 1000);
      all[i]();
      SC(exit_group, 0);
    }
    SC(wait4, pid, 0, 0, 0);
  }
  return 0;
}
