// proc(5): /proc lists processes, /proc/PID/task lists threads; states; entries vanish at exit; a zombie's fields.
#include "t.h"
static int idle(void *a) {
  futex_wait((int *)a, 0);
  return 0;
}
static int count(const char *p) {
  char b[2048];
  int n = 0;
  long r, d = open(p, O_RDONLY | O_DIRECTORY);
  if (d < 0) return d;
  while ((r = getdents(d, b, 2048)) > 0)
    for (long at = 0; at < r; at += ((struct dirent64 *)(b + at))->d_reclen) {
      char c = ((struct dirent64 *)(b + at))->d_name[0];
      n += c >= '0' && c <= '9';
    }
  close(d);
  return n;
}
int main(void) {
  static int w;
  struct thread t;
  printf("threads %d\n", count("/proc/self/task"));
  thread_start(&t, idle, &w);
  msleep(5);
  printf("threads %d\n", count("/proc/self/task"));
  char p[64];
  snprintf(p, 64, "/proc/self/task/%d/status", t.tid);
  printf("thread state %c Tgid %d\n", field(p, "State")[0], atol(field(p, "Tgid")) == getpid());
  w = 1;
  futex_wake(&w, 1);
  thread_join(&t);
  msleep(2);
  printf("threads %d\n", count("/proc/self/task"));
  int before = count("/proc");
  struct gate g = gate();
  long pid = fork();
  if (pid == 0) {
    gate_wait(&g);
    exit(7);
  }
  printf("one more %d\n", count("/proc") - before);
  snprintf(p, 64, "/proc/%ld", pid);
  int d = open(p, O_RDONLY | O_DIRECTORY);
  gate_open(&g);
  await_state(pid, 'Z');
  char f[64], b[64];
  snprintf(f, 64, "%s/cmdline", p);
  V("zombie cmdline", slurp(f, b, 64));
  snprintf(f, 64, "%s/exe", p);
  E("zombie exe", readlink(f, b, 63));
  reap("child", pid);
  E("gone", access(p, 0));
  E("held directory", openat(d, "stat", O_RDONLY));
  printf("as before %d\n", count("/proc") - before);
}
