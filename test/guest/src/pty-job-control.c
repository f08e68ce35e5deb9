// job control: background reads get SIGTTIN, background writes SIGTTOU with TOSTOP only, tcsetpgrp moves the foreground, orphans get EIO.
#include "pty.h"
static struct pty p;
static char b[64];
static int bg_read(void *a) {
  long r = read(p.s, b, 64);
  show_bytes("background read then", b, r);
  return 0;
}
static int bg_write(void *a) {
  write(p.s, "bg\n", 3);
  return 0;
}
static int bg_set(void *a) {
  struct termios t;
  ioctl(p.s, TCGETS, &t);
  E("tcsetattr then", ioctl(p.s, TCSETS, &t));
  return 0;
}
static int bg_ign(void *a) {
  sigact(SIGTTIN, SIG_IGN, 0, 0);
  E("ignoring SIGTTIN", read(p.s, b, 1));
  sigmask(SIG_BLOCK, bit(SIGTTOU));
  int me = getpid();
  E("tcsetpgrp with SIGTTOU blocked", ioctl(p.s, TIOCSPGRP, &me));
  return 0;
}
static long bg(int (*fn)(void *)) {
  struct gate g = gate();
  long pid = fork();
  if (pid == 0) {
    gate_wait(&g);
    exit(fn(0));
  }
  setpgid(pid, pid);
  gate_open(&g);
  return pid;
}
static int session(void *a) {
  int st, me = getpid();
  setsid();
  me = getpid();
  ioctl(p.s, TIOCSCTTY, 0);
  sigact(SIGTTOU, SIG_IGN, 0, 0);
  long pid = bg(bg_read);
  waitpid(pid, &st, WUNTRACED);
  pstat("reader", st);
  int pg = pid;
  E("to foreground", ioctl(p.s, TIOCSPGRP, &pg));
  kill(-pid, SIGCONT);
  write(p.m, "line\n", 5);
  reap("reader", pid);
  E("back", ioctl(p.s, TIOCSPGRP, &me));
  sigact(SIGTTOU, SIG_DFL, 0, 0);
  pid = bg(bg_write);
  waitpid(pid, &st, WUNTRACED);
  pstat("writer", st);
  pty_flags(p.s, 0, TOSTOP);
  pid = bg(bg_write);
  waitpid(pid, &st, WUNTRACED);
  pstat("writer with TOSTOP", st);
  pty_flags(p.s, TOSTOP, 0);
  kill(-pid, SIGCONT);
  reap("writer", pid);
  pid = bg(bg_set);
  waitpid(pid, &st, WUNTRACED);
  pstat("setter", st);
  kill(-pid, SIGKILL);
  reap("setter", pid);
  pid = bg(bg_ign);
  reap("ignorer", pid);
  sigact(SIGTTOU, SIG_IGN, 0, 0);
  ioctl(p.s, TIOCSPGRP, &me);
  pg = 99999;
  E("no such group", ioctl(p.s, TIOCSPGRP, &pg));
  pg = getppid();
  E("group of another session", ioctl(p.s, TIOCSPGRP, &pg));
  pg = -5;
  E("negative", ioctl(p.s, TIOCSPGRP, &pg));
  return 0;
}
int main(void) {
  p = pty_open();
  reap("session", spawn(session, 0));
  E("not my terminal", ({
      int g = getpid();
      ioctl(p.s, TIOCSPGRP, &g);
    }));
}
