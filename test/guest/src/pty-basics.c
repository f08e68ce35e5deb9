// pty(7): ptmx, number, lock, names; data both ways; window size; default settings; hangup on close.
#include "pty.h"
int main(void) {
  char b[64]; int n = -1, lock = 1; struct winsize ws = { 0 }; struct stat st;
  int m = open("/dev/ptmx", O_RDWR | O_NOCTTY); E("ptmx", m); ioctl(m, TIOCGPTN, &n); snprintf(b, 64, "/dev/pts/%d", n); E("locked", open(b, O_RDWR | O_NOCTTY)); ioctl(m, TIOCGPTLCK, &lock); printf("lock %d\n", lock); lock = 0; ioctl(m, TIOCSPTLCK, &lock);
  int s = open(b, O_RDWR | O_NOCTTY); E("unlocked", s); fstat(s, &st); printf("mode %o major %lu\n", st.st_mode, (u64)st.st_rdev >> 8);
  write(m, "in\n", 3); show_bytes("slave reads", b, read_now(s, b, 64)); show_bytes("echo", b, read_now(m, b, 64)); write(s, "out\n", 4); show_bytes("master reads", b, read_now(m, b, 64));
  ioctl(s, TIOCGWINSZ, &ws); printf("size %d %d\n", ws.ws_row, ws.ws_col); ws.ws_row = 24; ws.ws_col = 80; ioctl(m, TIOCSWINSZ, &ws); memset(&ws, 0, sizeof ws); ioctl(s, TIOCGWINSZ, &ws); printf("size %d %d\n", ws.ws_row, ws.ws_col);
  struct termios t; ioctl(s, TCGETS, &t); printf("i %o o %o c %o l %o\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag); for (int i = 0; i < 17; i++) printf("%d ", t.c_cc[i]); printf("\n");
  E("TCGETS of a file", ioctl(open("f", O_RDWR | O_CREAT, 0600), TCGETS, &t)); E("of null", ioctl(open("/dev/null", O_RDWR), TCGETS, &t)); E("unknown ioctl", ioctl(s, 0x5499, 0));
  close(m); V("read after hangup", read(s, b, 1)); E("write after hangup", write(s, "x", 1)); E("ioctl after hangup", ioctl(s, TCGETS, &t));
  struct pty p = pty_open(); close(p.s); E("master when no slave is open", read(p.m, b, 1)); E("write is fine", write(p.m, "x", 1)); p.s = open(p.name, O_RDWR | O_NOCTTY); E("reopen", p.s);
}
