// oracle: man
// proc_pid_oom_score(5): a process that touches memory without end is killed by SIGKILL; its parent and everybody else go on.
#include "t.h"
static int eater(void *a) {
  for (;;) {
    char *p = mmap(0, MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if ((long)p < 0 && (long)p > -4096) return 7;
    for (int i = 0; i < MB; i += PAGE) p[i] = 1;
  }
}
int main(void) {
  reap("eater", spawn(eater, 0));
  reap("another", spawn(eater, 0));
  char *p = mmap(0, 16 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 5, 16 * MB);
  printf("memory is back %d\n", p[16 * MB - 1]);
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  long r, total = 0;
  while ((r = write(fd, p, MB)) == MB && total < 4096 * MB) total += r;
  printf("tmpfs ends %d\n", r < MB);
  close(fd);
  unlink("f");
  reap("after the file went", spawn(eater, 0));
}
