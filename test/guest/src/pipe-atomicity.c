// pipe(7): writes of up to PIPE_BUF bytes by several processes do not interleave.
#include "t.h"
int main(void) {
  int p[2];
  pipe(p);
  for (int i = 0; i < 4; i++)
    if (fork() == 0) {
      char b[1000];
      memset(b, 'a' + i, sizeof b);
      for (int j = 0; j < 50; j++) write(p[1], b, sizeof b);
      exit(0);
    }
  close(p[1]);
  int count[4] = { 0 }, mixed = 0;
  char b[1000];
  long got = 0, r;
  for (;;) {
    got = 0;
    while (got < 1000 && (r = read(p[0], b + got, 1000 - got)) > 0) got += r;
    if (got == 0) break;
    for (int i = 1; i < 1000; i++)
      if (b[i] != b[0]) {
        mixed++;
        break;
      }
    count[b[0] - 'a']++;
  }
  while (waitpid(-1, 0, 0) > 0);
  printf("%d %d %d %d mixed %d\n", count[0], count[1], count[2], count[3], mixed);
}
