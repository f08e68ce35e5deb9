// signal(7): a deadly signal to one thread ends the whole process with that signal.
#include "t.h"
static int victim(void *arg) {
  for (;;) msleep(1000);
}
static int body(void *arg) {
  struct thread t;
  thread_start(&t, victim, 0);
  msleep(5);
  tgkill(getpid(), t.tid, SIGTERM);
  for (;;) msleep(1000);
}
static int crash(void *arg) {
  *(volatile int *)8 = 1;
  return 0;
}
static int body2(void *arg) {
  struct thread t;
  thread_start(&t, crash, 0);
  for (;;) msleep(1000);
}
int main(void) {
  reap("tgkill", spawn(body, 0));
  reap("fault in thread", spawn(body2, 0));
}
