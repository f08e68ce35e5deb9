// execve(2): all other threads end, and the calling thread gets the leader's id.
#include "t.h"
static int spin(void *arg) {
  for (;;) msleep(1000);
}
static int execer(void *arg) {
  char *a[] = { "p", arg, NULL };
  return execve("/proc/self/exe", a, NULL);
}
int main(int argc, char **argv) {
  if (argc > 1) {
    printf("same pid %d leader %d threads %s\n", getpid() == atol(argv[1]), gettid() == getpid(), field("/proc/self/status", "Threads"));
    return 0;
  }
  struct thread t[3];
  thread_start(&t[0], spin, 0);
  thread_start(&t[1], spin, 0);
  char pid[16];
  snprintf(pid, sizeof pid, "%ld", getpid());
  thread_start(&t[2], execer, pid);
  for (;;) msleep(1000);
}
