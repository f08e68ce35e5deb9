// pidfd_open(2), pidfd_send_signal(2), waitid(P_PIDFD): poll readiness at exit, signals, errors.
#include "t.h"
#ifndef __NR_pidfd_open
#define __NR_pidfd_open 434
#endif
#ifndef __NR_pidfd_send_signal
#define __NR_pidfd_send_signal 424
#endif
int main(void) {
  struct gate g = gate();
  long pid = fork();
  if (pid == 0) {
    gate_wait(&g);
    exit(4);
  }
  int fd = SC(pidfd_open, pid, 0);
  printf("cloexec %ld\n", fcntl(fd, F_GETFD));
  struct pollfd f = { fd, POLLIN, 0 };
  struct timespec z = { 0, 0 };
  V("alive", ppoll(&f, 1, &z, 0));
  gate_open(&g);
  V("exited", ppoll(&f, 1, 0, 0));
  siginfo_t si;
  E("waitid", SC(waitid, P_PIDFD, fd, &si, WEXITED, 0));
  printf("status %d\n", si.si_status);
  E("signal to the dead", SC(pidfd_send_signal, fd, 0, 0, 0));
  pid = fork();
  if (pid == 0)
    for (;;) msleep(1000);
  fd = SC(pidfd_open, pid, 0);
  E("signal 0", SC(pidfd_send_signal, fd, 0, 0, 0));
  E("kill", SC(pidfd_send_signal, fd, SIGTERM, 0, 0));
  reap("child", pid);
  E("open none", SC(pidfd_open, 99999, 0));
  E("bad flags", SC(pidfd_open, getpid(), 1));
  E("bad pid", SC(pidfd_open, -1, 0));
  E("not a pidfd", SC(pidfd_send_signal, 0, 0, 0, 0));
  E("read", read(fd, &z, 1));
}
