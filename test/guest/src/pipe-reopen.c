// proc(5): a pipe opened again through /proc/self/fd does not wait for the other end, unlike a FIFO, even when that end is gone.
#include "t.h"
int main(void) {
  int p[2];
  char b[16], path[40];
  pipe(p);
  write(p[1], "left over", 9);
  close(p[1]);
  snprintf(path, sizeof path, "/proc/self/fd/%d", p[0]);
  int r = open(path, O_RDONLY);
  E("reader, no writer", r);
  V("read", read(r, b, sizeof b));
  V("eof", read(r, b, sizeof b));
  int w = open(path, O_WRONLY);
  E("a writer through the reader's name", w);
  close(p[0]);
  V("write", write(w, "again", 5));
  V("read", read(r, b, sizeof b));
  fcntl(r, F_SETFL, O_NONBLOCK);
  E("empty", read(r, b, 1));
  close(r);
  snprintf(path, sizeof path, "/proc/self/fd/%d", w);
  E("non-blocking writer, no reader", open(path, O_WRONLY | O_NONBLOCK));
  r = open(path, O_RDWR);
  E("both", r);
  V("write", write(r, "x", 1));
  V("read", read(r, b, 1));
}
