// ptrace(2): PTRACE_SYSCALL stops once at each end of a call, also of one that sleeps; PTRACE_GET_SYSCALL_INFO; interrupted calls; PTRACE_O_TRACESYSGOOD.
#include "pt.h"
static void h(int s) {}
static int child(void *fds) {
  int *fd = fds;
  char b[8];
  sigact(SIGUSR1, h, 0, 0);
  sigact(SIGUSR2, h, SA_RESTART, 0);
  raise(SIGSTOP);
  SC(umask, 022);
  read(fd[0], b, 3);
  read(fd[0], b, 4);
  close(-1);
  return 0;
}
static void next(const char *label, long pid, long nr, int sig) {
  PT(SYSCALL, pid, 0, sig);
  event(label, pid);
  syscall_info(label, pid, nr);
}
int main(void) {
  int fd[2];
  pipe(fd);
  long pid = spawn(child, fd);
  msleep(30);
  E("attach", PT(SEIZE, pid, 0, 0));
  event("stopped before", pid);
  syscall_info("stopped before", pid, 0);
  SC(kill, pid, SIGCONT);
  next("continued", pid, 0, 0);
  next("SIGCONT", pid, 0, 0);
  next("plain stop", pid, __NR_umask, 0);
  siginfo("plain stop", pid);
  E("bad options", PT(SETOPTIONS, pid, 0, 1 << 30));
  E("options", PT(SETOPTIONS, pid, 0, GOOD));
  next("umask leaves", pid, __NR_umask, 0);
  siginfo("good stop", pid);
  next("read enters", pid, __NR_read, 0);
  PT(SYSCALL, pid, 0, 0);
  msleep(50);
  E("running", PT(CONT, pid, 0, 0));
  write(fd[1], "abc", 3);
  event("read leaves", pid);
  syscall_info("read leaves", pid, 0);
  next("read enters", pid, __NR_read, 0);
  PT(SYSCALL, pid, 0, 0);
  msleep(50);
  SC(tgkill, pid, pid, SIGUSR2);
  event("interrupted", pid);
  syscall_info("interrupted", pid, 0);
  next("signal", pid, 0, 0);
  next("handler returns", pid, __NR_rt_sigreturn, SIGUSR2);
  PT(SYSCALL, pid, 0, 0);
  event("handler has returned", pid);
  next("read again", pid, __NR_read, 0);
  PT(SYSCALL, pid, 0, 0);
  msleep(50);
  SC(tgkill, pid, pid, SIGUSR1);
  event("interrupted", pid);
  syscall_info("interrupted", pid, 0);
  next("signal", pid, 0, 0);
  next("suppressed: read again", pid, __NR_read, 0);
  E("cont out of an entry", PT(CONT, pid, 0, 0));
  msleep(30);
  SC(tgkill, pid, pid, SIGUSR1);
  event("signal", pid);
  PT(SYSCALL, pid, 0, SIGUSR1);
  event("handler returns", pid);
  syscall_info("handler returns", pid, __NR_rt_sigreturn);
  PT(SYSCALL, pid, 0, 0);
  event("handler has returned: EINTR", pid);
  syscall_info("handler has returned: EINTR", pid, 0);
  next("close enters", pid, __NR_close, 0);
  next("close leaves", pid, __NR_close, 0);
  next("exit", pid, __NR_exit_group, 0);
  PT(SYSCALL, pid, 0, 0);
  event("end", pid);
}
