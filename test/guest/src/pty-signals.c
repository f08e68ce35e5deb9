// termios(3) ISIG: ^C, ^\, ^Z go to the foreground group; NOFLSH; SIGWINCH on resize; TIOCSCTTY, TIOCGPGRP, TIOCGSID, /dev/tty.
#include "pty.h"
static struct pty p;
static struct gate up, got;
static char b[64];
static void h(int s) {
  printf("got %s\n", signame(s));
  gate_open(&got);
}
static int hangup(void) {
  mask_t m = bit(SIGHUP) | bit(SIGCONT), h = bit(SIGHUP), c = bit(SIGCONT);
  sigmask(SIG_BLOCK, m);
  gate_open(&got);
  E("SIGHUP", SC(rt_sigtimedwait, &h, 0, 0, 8));
  E("SIGCONT", SC(rt_sigtimedwait, &c, 0, 0, 8));
  printf("read ends %d\n", read(p.s, b, 64) <= 0);
  return 3;
}
static int session(void *a) {
  close(p.m);
  setsid();
  E("no tty yet", open("/dev/tty", O_RDWR));
  E("TIOCSCTTY", ioctl(p.s, TIOCSCTTY, 0));
  E("/dev/tty", open("/dev/tty", O_RDWR));
  int pg = -1;
  ioctl(p.s, TIOCGPGRP, &pg);
  printf("foreground is me %d\n", pg == getpid());
  ioctl(p.s, TIOCGSID, &pg);
  printf("session is me %d\n", pg == getpid());
  E("again", ioctl(p.s, TIOCSCTTY, 0));
  int sigs[] = { SIGINT, SIGQUIT, SIGTSTP, SIGWINCH, SIGHUP, SIGCONT };
  for (int i = 0; i < 6; i++) sigact(sigs[i], h, SA_RESTART, 0);
  gate_open(&up);
  for (;;) {
    long r = read(p.s, b, 64);
    if (r <= 0) {
      printf("read ended\n");
      return 3;
    }
    show_bytes("read", b, r);
    if (b[0] == 3) return hangup();
    gate_open(&got);
  }
}
int main(void) {
  p = pty_open();
  up = gate();
  got = gate();
  long pid = spawn(session, 0);
  gate_wait(&up);
  close(p.s);
  int pg = 0;
  E("TIOCGPGRP by the master", ioctl(p.m, TIOCGPGRP, &pg));
  printf("child's %d\n", pg == pid);
  write(p.m, "lost\003", 5);
  gate_wait(&got);
  write(p.m, "kept\n", 5);
  gate_wait(&got);
  write(p.m, "\034", 1);
  gate_wait(&got);
  write(p.m, "\032", 1);
  gate_wait(&got);
  struct winsize ws = { 10, 20, 0, 0 };
  ioctl(p.m, TIOCSWINSZ, &ws);
  gate_wait(&got);
  ioctl(p.m, TIOCSWINSZ, &ws);
  msleep(10);
  show_bytes("echoed", b, read_now(p.m, b, 64));
  pty_flags(p.m, ISIG, 0);
  write(p.m, "\003\n", 2);
  gate_wait(&got);
  close(p.m);
  reap("after hangup", pid);
}
