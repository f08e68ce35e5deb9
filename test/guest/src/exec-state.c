// execve(2): mappings, timers by timer_create and the robust list go; itimers, cwd, umask, limits, nice and pending alarms stay; comm
// changes.
#include "t.h"
int main(int argc, char **argv) {
  struct {
    struct timeval i, v;
  } it = { { 0, 0 }, { 100, 0 } };
  if (argc > 1) {
    char b[256];
    printf("mapping gone %s\n", err(madvise((void *)0x20000000, PAGE, MADV_NORMAL)));
    struct itimerspec ts;
    E("posix timer", SC(timer_gettime, 0, &ts));
    SC(getitimer, 0, &it);
    printf("itimer kept %d\n", it.v.tv_sec > 90);
    printf("umask %lo\n", umask(0));
    getcwd(b, 256);
    printf("cwd %s\n", b + strlen(b) - 2);
    V("nice raw", SC(getpriority, 0, 0));
    struct {
      u64 c, m;
    } rl;
    prlimit(0, RLIMIT_NOFILE, 0, &rl);
    printf("nofile %lu\n", rl.c);
    slurp("/proc/self/comm", b, 64);
    printf("comm %s", b);
    slurp("/proc/self/cmdline", b, 64);
    printf("cmdline %s|%s\n", b, b + strlen(b) + 1);
    return 0;
  }
  mmap((void *)0x20000000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  int id;
  SC(timer_create, CLOCK_MONOTONIC, 0, &id);
  SC(setitimer, 0, &it, 0);
  umask(0137);
  mkdir("d", 0777);
  chmod("d", 0777);
  chdir("d");
  SC(setpriority, 0, 0, 3);
  struct {
    u64 c, m;
  } rl = { 77, 99 };
  prlimit(0, RLIMIT_NOFILE, &rl, 0);
  symlink("/proc/self/exe", "../renamed-program");
  char *a[] = { "argv-zero", "x", NULL };
  E("exec", execve("../renamed-program", a, NULL));
}
