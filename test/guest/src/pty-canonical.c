// termios(3) canonical mode: lines, erase, kill, word erase, EOF, literal next, echo of controls, long reads in pieces.
#include "pty.h"
static struct pty p;
static char b[512];
static void type(const char *l, const char *keys, int n) {
  write(p.m, keys, n);
  msleep(5);
  show_bytes(l, b, read_now(p.m, b, 512));
}
static void line(void) { show_bytes("  line", b, read_now(p.s, b, 512)); }
int main(void) {
  p = pty_open();
  fcntl(p.s, F_SETFL, O_NONBLOCK);
  type("no newline yet", "abc", 3);
  E("  read", read(p.s, b, 10));
  type("newline", "\n", 1);
  line();
  type("erase", "abx\177c\r", 6);
  line();
  type("erase at the start", "\177\177z\n", 4);
  line();
  type("kill", "junk\025ok\n", 8);
  line();
  type("word erase", "one two \027three\n", 15);
  line();
  type("literal", "a\026\003b\n", 5);
  line();
  type("control echo", "x\001y\n", 4);
  line();
  type("eof pushes", "part\004", 5);
  line();
  write(p.m, "\004", 1);
  msleep(5);
  show_bytes("  eof alone", b, read(p.s, b, 10));
  E("  then", read(p.s, b, 10));
  type("two lines", "l1\nl2\n", 6);
  show_bytes("  first only", b, read(p.s, b, 512));
  int n;
  ioctl(p.s, FIONREAD, &n);
  printf("  queued %d\n", n);
  line();
  type("in pieces", "abcdef\n", 7);
  show_bytes("  3", b, read(p.s, b, 3));
  show_bytes("  rest", b, read(p.s, b, 30));
  type("reprint", "ab\022c\n", 5);
  line();
  type("tab and erase", "a\t\177b\n", 5);
  line();
  pty_flags(p.s, ECHO, 0);
  write(p.m, "secret\n", 7);
  msleep(5);
  E("no echo", read_now(p.m, b, 10));
  line();
  pty_flags(p.s, 0, ECHONL);
  type("echonl", "q\n", 2);
  line();
}
