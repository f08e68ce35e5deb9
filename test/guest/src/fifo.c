// fifo(7): opens meet, O_NONBLOCK opens, ENXIO, read-write open, EOF and reuse, removal while open.
#include "t.h"
int main(void) {
  char b[16];
  E("make", mkfifo("p", 0600));
  E("again", mkfifo("p", 0600));
  E("writer alone", open("p", O_WRONLY | O_NONBLOCK));
  int r = open("p", O_RDONLY | O_NONBLOCK);
  E("reader alone", r);
  V("no writer reads", read(r, b, 16));
  int w = open("p", O_WRONLY | O_NONBLOCK);
  E("writer now", w);
  E("empty with writer", read(r, b, 16));
  write(w, "abc", 3);
  V("data", read(r, b, 16));
  close(w);
  V("eof", read(r, b, 16));
  close(r);
  long pid = fork();
  if (pid == 0) {
    int fd = open("p", O_WRONLY);
    write(fd, "hello", 5);
    exit(0);
  }
  r = open("p", O_RDONLY);
  b[read(r, b, 16)] = 0;
  printf("met: %s\n", b);
  V("eof", read(r, b, 16));
  reap("child", pid);
  close(r);
  pid = fork();
  if (pid == 0) {
    int fd = open("p", O_RDONLY);
    V("child reads", read(fd, b, 16));
    exit(0);
  }
  w = open("p", O_WRONLY);
  write(w, "xy", 2);
  reap("child", pid);
  close(w);
  int rw = open("p", O_RDWR);
  write(rw, "self", 4);
  V("rw", read(rw, b, 16));
  unlink("p");
  V("unlinked still works", write(rw, "z", 1));
  E("lseek", lseek(rw, 0, 0));
}
