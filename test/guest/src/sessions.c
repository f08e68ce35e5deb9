// setsid(2): EPERM for a group leader; otherwise a new session and group without a controlling terminal; groups stay within sessions.
#include "t.h"
int main(void) {
  setpgid(0, 0);
  E("leader", setsid());
  struct gate g = gate(), up = gate();
  long pid = fork();
  if (pid == 0) {
    long s = setsid();
    printf("new session %d group %d\n", s == getpid(), getpgid(0) == getpid());
    E("again", setsid());
    E("setpgid of a session leader", setpgid(0, 0));
    E("tty", open("/dev/tty", O_RDWR));
    gate_open(&up);
    gate_wait(&g);
    exit(0);
  }
  gate_wait(&up);
  printf("seen from outside %d\n", getsid(pid) == pid);
  E("move it", setpgid(pid, getpgid(0)));
  long other = fork();
  if (other == 0) {
    msleep(10000);
    exit(0);
  }
  E("join a group of another session", setpgid(other, pid));
  kill(other, SIGKILL);
  reap("other", other);
  gate_open(&g);
  reap("child", pid);
  E("getsid of none", getsid(99999));
}
