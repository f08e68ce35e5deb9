// exit_group(2) from any thread ends all; exit(2) of the leader leaves the others running, with the process a zombie only at the end.
#include "t.h"
static int ender(void *arg) {
  msleep(10);
  exit(21);
}
static int later(void *arg) {
  msleep(30);
  printf("thread outlives leader\n");
  exit(22);
}
static int quiet(void *arg) {
  msleep(30);
  thread_exit(23);
}
static int one(void *fn) {
  struct thread t;
  thread_start(&t, (int (*)(void *))fn, 0);
  if (fn == (void *)ender)
    for (;;) msleep(1000);
  thread_exit(1);
}
int main(void) {
  reap("exit_group in thread", spawn(one, ender));
  reap("leader first", spawn(one, later));
  reap("threads just end", spawn(one, quiet));
}
