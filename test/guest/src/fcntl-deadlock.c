// fcntl(2): F_SETLKW answers EDEADLK when waiting would close a cycle; locks are released at exit; a signal interrupts with EINTR.
#include "t.h"
static int fd;
static long lk(int cmd, int type, long start) {
  struct flock l = { .l_type = type, .l_start = start, .l_len = 1 };
  return fcntl(fd, cmd, &l);
}
static void h(int s) {}
int main(void) {
  fd = open("f", O_RDWR | O_CREAT, 0600);
  struct gate up = gate();
  lk(F_SETLK, F_WRLCK, 0);
  long pid = fork();
  if (pid == 0) {
    lk(F_SETLK, F_WRLCK, 1);
    gate_open(&up);
    E("child gets 0", lk(F_SETLKW, F_WRLCK, 0));
    exit(0);
  }
  gate_wait(&up);
  await_state(pid, 'S');
  E("parent wants 1", lk(F_SETLKW, F_WRLCK, 1));
  lk(F_SETLK, F_UNLCK, 0);
  reap("child", pid);
  E("released by exit", lk(F_SETLK, F_WRLCK, 0));
  pid = fork();
  if (pid == 0) {
    sigact(SIGUSR1, h, 0, 0);
    gate_open(&up);
    E("interrupted", lk(F_SETLKW, F_WRLCK, 0));
    exit(0);
  }
  gate_wait(&up);
  await_state(pid, 'S');
  kill(pid, SIGUSR1);
  reap("child", pid);
}
