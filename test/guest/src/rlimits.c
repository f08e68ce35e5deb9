// getrlimit(2): defaults that matter, raising by privilege only, FSIZE with SIGXFSZ, NOFILE, NPROC, inheritance, prlimit of a child.
#include "t.h"
struct rl {
  u64 cur, max;
};
static void h(int s) { printf("%s\n", signame(s)); }
static int user(void *a) {
  struct rl r = { 5, 10 };
  E("lower", prlimit(0, RLIMIT_NOFILE, &r, 0));
  SC(setresuid, 1000, 1000, 1000);
  r.max = 11;
  E("raise hard", prlimit(0, RLIMIT_NOFILE, &r, 0));
  r = (struct rl){ 10, 10 };
  E("raise soft", prlimit(0, RLIMIT_NOFILE, &r, 0));
  E("other's", prlimit(1, RLIMIT_NOFILE, 0, &r));
  r = (struct rl){ 0, 0 };
  prlimit(0, RLIMIT_NPROC, &r, 0);
  long p = fork();
  if (p == 0) exit(0);
  E("fork over NPROC", p);
  return 0;
}
int main(void) {
  struct rl r, n;
  sigact(SIGXFSZ, h, 0, 0);
  reap("user", spawn(user, 0));
  r = (struct rl){ 1000, 2000 };
  prlimit(0, RLIMIT_FSIZE, &r, 0);
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  static char b[3000];
  V("cut", write(fd, b, 3000));
  E("over", write(fd, b, 1));
  E("truncate over", ftruncate(fd, 1001));
  V("at the limit", pwrite(fd, b, 10, 995));
  E("pipes are free", write(({
                              int p[2];
                              pipe(p);
                              p[1];
                            }),
                            b, 2000));
  long pid = fork();
  if (pid == 0) {
    prlimit(0, RLIMIT_FSIZE, 0, &n);
    printf("inherited %lu %lu\n", n.cur, n.max);
    for (;;) msleep(1000);
  }
  msleep(10);
  n = (struct rl){ 7, 9 };
  E("set child's", prlimit(pid, RLIMIT_FSIZE, &n, &r));
  printf("old %lu\n", r.cur);
  prlimit(pid, RLIMIT_FSIZE, 0, &r);
  printf("new %lu %lu\n", r.cur, r.max);
  kill(pid, SIGKILL);
  reap("child", pid);
  E("none", prlimit(99999, RLIMIT_FSIZE, 0, &r));
  E("getrlimit", SC(getrlimit, RLIMIT_FSIZE, &r));
  printf("%lu\n", r.cur);
  E("bad pointer", SC(setrlimit, RLIMIT_FSIZE, 8));
}
