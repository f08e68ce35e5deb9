// credentials(7), termios(3): when the session leader ends, the foreground group gets SIGHUP and SIGCONT and the terminal is released.
#include "pty.h"
#include <linux/prctl.h>
static struct pty p;
static struct gate up, said, go;
static char b[64];
static int hups;
static void h(int s) { hups += s == SIGHUP; }
static int leader(void *a) {
  setsid();
  ioctl(p.s, TIOCSCTTY, 0);
  if (fork() == 0) {
    sigact(SIGHUP, h, 0, bit(SIGCONT));
    sigact(SIGCONT, h, 0, bit(SIGHUP));
    gate_open(&up);
    sigsuspend(0);
    gate_wait(&go);
    printf("member got SIGHUP %d\n", hups);
    E("tty is gone", open("/dev/tty", O_RDWR));
    gate_open(&said);
    exit(0);
  }
  gate_wait(&up);
  msleep(10);
  return 5;
}
int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  p = pty_open();
  up = gate();
  said = gate();
  go = gate();
  long pid = spawn(leader, 0);
  reap("leader", pid);
  gate_open(&go);
  gate_wait(&said);
  waitpid(-1, 0, 0);
  E("TIOCNOTTY without one", ioctl(p.s, TIOCNOTTY));
}
