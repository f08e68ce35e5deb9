// clone3(2): fork-like use, parent and child tid, pidfd, and the size checks on clone_args.
#include "t.h"
#define NR_pidfd_send_signal 424
int main(void) {
  struct clone_args a;
  memset(&a, 0, sizeof a);
  int ptid = 0, pidfd = -1;
  a.flags = CLONE_PARENT_SETTID | CLONE_PIDFD;
  a.parent_tid = (u64)&ptid;
  a.pidfd = (u64)&pidfd;
  a.exit_signal = SIGCHLD;
  long pid = SC(clone3, &a, sizeof a);
  if (pid == 0) exit(11);
  printf("ptid %d pidfd %d cloexec %ld\n", ptid == pid, pidfd >= 3, fcntl(pidfd, F_GETFD));
  siginfo_t si;
  E("waitid P_PIDFD", SC(waitid, P_PIDFD, pidfd, &si, WEXITED, 0));
  printf("status %d\n", si.si_status);
  E("too small", SC(clone3, &a, 32));
  struct {
    struct clone_args a;
    u64 extra;
  } big = { .extra = 1 };
  big.a.exit_signal = SIGCHLD;
  E("unknown tail", SC(clone3, &big, sizeof big));
  E("bad pointer", SC(clone3, 8, sizeof a));
  memset(&a, 0, sizeof a);
  a.exit_signal = 100;
  E("bad signal", SC(clone3, &a, sizeof a));
  memset(&a, 0, sizeof a);
  a.stack = PAGE;
  E("stack without size", SC(clone3, &a, sizeof a));
}
