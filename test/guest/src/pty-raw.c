// termios(3) non-canonical mode: MIN and TIME, no editing, input and output mapping flags, switching modes with data queued.
#include "pty.h"
static char b[64];
int main(void) {
  struct pty p = pty_open(); struct termios t; ioctl(p.s, TCGETS, &t); struct termios raw = t; raw.c_iflag = 0; raw.c_oflag = 0; raw.c_lflag = 0; raw.c_cc[VMIN] = 1; raw.c_cc[VTIME] = 0; ioctl(p.s, TCSETS, &raw);
  write(p.m, "a\003\r\n\177\004", 6); await_bytes(p.s, 6); show_bytes("raw in", b, read(p.s, b, 64)); write(p.s, "x\ny\r", 4); show_bytes("raw out", b, read_now(p.m, b, 64));
  raw.c_cc[VMIN] = 3; ioctl(p.s, TCSETS, &raw); long pid = fork(); if (pid == 0) { write(p.m, "1", 1); msleep(10); write(p.m, "2", 1); msleep(10); write(p.m, "34", 2); exit(0); } show_bytes("MIN 3", b, read(p.s, b, 64) >= 3 ? 3 : -1); reap("child", pid); ioctl(p.s, TCFLSH, 0);
  raw.c_cc[VMIN] = 0; raw.c_cc[VTIME] = 1; ioctl(p.s, TCSETS, &raw); long ms = now_ms(); V("TIME only, nothing", read(p.s, b, 64)); ms = now_ms() - ms; printf("tenth of a second %d\n", ms >= 90 && ms < 500); raw.c_cc[VTIME] = 0; ioctl(p.s, TCSETS, &raw); V("MIN 0 TIME 0", read(p.s, b, 64)); write(p.m, "z", 1); await_bytes(p.s, 1); V("with a byte", read(p.s, b, 64));
  raw.c_cc[VMIN] = 1; raw.c_iflag = ICRNL; raw.c_oflag = OPOST | ONLCR; ioctl(p.s, TCSETS, &raw); write(p.m, "a\rb\n", 4); await_bytes(p.s, 4); show_bytes("ICRNL", b, read(p.s, b, 64)); write(p.s, "a\nb", 3); show_bytes("ONLCR", b, read_now(p.m, b, 64));
  raw.c_iflag = IGNCR | ISTRIP; raw.c_oflag = OPOST | OCRNL; ioctl(p.s, TCSETS, &raw); write(p.m, "a\r\341", 3); await_bytes(p.s, 2); show_bytes("IGNCR ISTRIP", b, read(p.s, b, 64)); write(p.s, "q\r", 2); show_bytes("OCRNL", b, read_now(p.m, b, 64)); raw.c_iflag = INLCR; ioctl(p.s, TCSETS, &raw); write(p.m, "\n", 1); await_bytes(p.s, 1); show_bytes("INLCR", b, read(p.s, b, 64));
  write(p.m, "queued", 6); await_bytes(p.s, 6); ioctl(p.s, TCFLSH, 0); int n; ioctl(p.s, FIONREAD, &n); printf("flushed %d\n", n); ioctl(p.s, TCSETSF, &t); ioctl(p.s, TCGETS, &raw); printf("restored %d\n", raw.c_lflag == t.c_lflag && raw.c_iflag == t.c_iflag);
}
