// sched(7): two busy processes both progress; a sleeper wakes promptly beside a busy one; nice 19 gets clearly less than nice 0.
#include "t.h"
int main(void) {
  volatile long *n = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  u64 one = 1;
  SC(sched_setaffinity, 0, 8, &one);
  long a[2];
  for (int i = 0; i < 2; i++)
    if ((a[i] = fork()) == 0)
      for (;;) n[i]++;
  msleep(100);
  printf("both run %d\n", n[0] > 0 && n[1] > 0);
  long t = now_ms();
  msleep(10);
  t = now_ms() - t;
  printf("sleeper prompt %d\n", t < 100);
  long ratio = n[0] > n[1] ? n[0] / n[1] : n[1] / n[0];
  printf("fair %d\n", ratio < 3);
  for (int i = 0; i < 2; i++) {
    kill(a[i], SIGKILL);
    waitpid(a[i], 0, 0);
  }
  n[0] = n[1] = 0;
  for (int i = 0; i < 2; i++)
    if ((a[i] = fork()) == 0) {
      if (i) SC(setpriority, 0, 0, 19);
      for (;;) n[i]++;
    }
  msleep(300);
  printf("nice counts %d\n", n[0] > 3 * n[1]);
  for (int i = 0; i < 2; i++) {
    kill(a[i], SIGKILL);
    waitpid(a[i], 0, 0);
  }
}
