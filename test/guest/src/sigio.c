// fcntl(2) F_SETOWN, F_SETSIG, FASYNC: a signal when a pipe or socket becomes ready; to a process or a group; who the owner is.
#include "net.h"
static volatile int n, last;
static siginfo_t info;
static void h(int s, siginfo_t *si, void *u) {
  n++;
  last = s;
  info = *si;
}
int main(void) {
  int s[2];
  char b[8];
  sigact(SIGIO, h, SA_SIGINFO, 0);
  sigact(40, h, SA_SIGINFO, 0);
  socketpair(SOCK_STREAM, s);
  E("owner", fcntl(s[0], F_SETOWN, getpid()));
  printf("mine %d\n", fcntl(s[0], F_GETOWN) == getpid());
  E("async", fcntl(s[0], F_SETFL, FASYNC));
  printf("flag %d\n", (fcntl(s[0], F_GETFL) & FASYNC) != 0);
  write(s[1], "x", 1);
  msleep(5);
  printf("signal %s\n", signame(last));
  read(s[0], b, 8);
  n = 0;
  E("setsig", fcntl(s[0], F_SETSIG, 40));
  V("getsig", fcntl(s[0], F_GETSIG));
  write(s[1], "y", 1);
  msleep(5);
  printf("%d %s code %d fd %d band %lx\n", n > 0, signame(last), info.si_code, info.si_fd == s[0], info.si_band & POLLIN);
  fcntl(s[0], F_SETFL, 0);
  n = 0;
  write(s[1], "z", 1);
  msleep(5);
  printf("off %d\n", n);
  E("group", fcntl(s[0], F_SETOWN, -getpgid(0)));
  E("none", fcntl(s[0], F_SETOWN, 99999));
  E("bad signal", fcntl(s[0], F_SETSIG, 65));
}
