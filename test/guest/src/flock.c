// flock(2): locks belong to the open file description: shared by dup and fork, conflicting between opens, converted, released by the last
// close.
#include "t.h"
#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8
#define flock(fd, op) SC(flock, fd, op)
int main(void) {
  put("f", "");
  int a = open("f", O_RDONLY), b = open("f", O_RDONLY), c = dup(a);
  E("a shared", flock(a, LOCK_SH));
  E("b shared", flock(b, LOCK_SH | LOCK_NB));
  E("a upgrade", flock(a, LOCK_EX | LOCK_NB));
  E("b unlock", flock(b, LOCK_UN));
  E("c (dup of a) exclusive", flock(c, LOCK_EX | LOCK_NB));
  E("b blocked", flock(b, LOCK_SH | LOCK_NB));
  close(a);
  E("still held by c", flock(b, LOCK_SH | LOCK_NB));
  long pid = fork();
  if (pid == 0) {
    E("child waits", flock(b, LOCK_EX));
    exit(0);
  }
  msleep(20);
  printf("waiting %ld\n", waitpid(pid, 0, WNOHANG));
  flock(c, LOCK_UN);
  reap("child", pid);
  E("bad op", flock(b, 0));
  E("bad fd", flock(99, LOCK_SH));
}
