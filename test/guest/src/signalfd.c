// signalfd(2): pending signals are read as records, several at once, poll, mask change, sigqueue values, children.
#include "t.h"
#include <linux/signalfd.h>
int main(void) {
  mask_t m = bit(SIGUSR1) | bit(SIGUSR2) | bit(SIGCHLD);
  sigmask(SIG_BLOCK, m | bit(SIGTERM));
  int fd = SC(signalfd4, -1, &m, 8, O_NONBLOCK | O_CLOEXEC);
  struct signalfd_siginfo si[4];
  struct pollfd f = { fd, POLLIN, 0 };
  struct timespec z = { 0, 0 };
  E("none", read(fd, si, sizeof si));
  V("poll none", ppoll(&f, 1, &z, 0));
  raise(SIGUSR2);
  raise(SIGUSR1);
  raise(SIGTERM);
  V("poll", ppoll(&f, 1, &z, 0));
  long r = read(fd, si, sizeof si);
  printf("records %ld: %s %s pid %d code %d\n", r / 128, signame(si[0].ssi_signo), signame(si[1].ssi_signo), si[0].ssi_pid == (u32)getpid(),
         si[0].ssi_code);
  printf("pending %lx\n", sigpend());
  siginfo_t q;
  memset(&q, 0, sizeof q);
  q.si_code = SI_QUEUE;
  q.si_ptr = (void *)0x123456789abc;
  SC(rt_sigqueueinfo, getpid(), SIGUSR1, &q);
  read(fd, si, sizeof si[0]);
  printf("value %llx int %x\n", si[0].ssi_ptr, si[0].ssi_int);
  long pid = fork();
  if (pid == 0) exit(5);
  fcntl(fd, F_SETFL, 0);
  read(fd, si, sizeof si[0]);
  printf("%s status %d pid %d code %d\n", signame(si[0].ssi_signo), si[0].ssi_status, si[0].ssi_pid == (u32)pid, si[0].ssi_code);
  reap("child", pid);
  m = bit(SIGTERM);
  V("change mask", SC(signalfd4, fd, &m, 8, 0) == fd);
  read(fd, si, sizeof si[0]);
  printf("%s\n", signame(si[0].ssi_signo));
  E("short buffer", read(fd, si, 100));
  E("bad flags", SC(signalfd4, -1, &m, 8, 1));
  E("not a signalfd", SC(signalfd4, 0, &m, 8, 0));
  E("bad size", SC(signalfd4, -1, &m, 4, 0));
}
