// pipe2(2) O_DIRECT: each write is a packet, each read takes one, the rest of a packet is lost; F_SETFL can switch.
#include "t.h"
int main(void) {
  int p[2];
  char b[32] = "";
  E("pipe2", pipe2(p, O_DIRECT | O_NONBLOCK));
  write(p[1], "first", 5);
  write(p[1], "second", 6);
  V("one packet", read(p[0], b, 32));
  V("cut", read(p[0], b, 3));
  E("rest is lost", read(p[0], b, 32));
  static char big[9000];
  V("large", write(p[1], big, 9000));
  V("in pieces", read(p[0], big, 9000));
  V("next", read(p[0], big, 9000));
  V("last", read(p[0], big, 9000));
  printf("flag %d\n", (fcntl(p[1], F_GETFL) & O_DIRECT) != 0);
  fcntl(p[1], F_SETFL, O_NONBLOCK);
  write(p[1], "a", 1);
  write(p[1], "b", 1);
  V("stream again", read(p[0], b, 32));
}
