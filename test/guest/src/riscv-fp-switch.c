// Floating-point registers belong to the task: several processes and threads computing at once get the results of one alone.
#include "t.h"
static double series(int seed) {
  double x = seed, s = 0;
  for (int i = 1; i < 60000; i++) {
    x = x * 1.0000001 + 1.0 / (i + seed);
    s += x / i;
  }
  return s;
}
static u64 bits(double d) {
  u64 b;
  memcpy(&b, &d, 8);
  return b;
}
static u64 *out;
static int run(void *a) {
  long i = (long)a;
  out[i] = bits(series(i));
  return 0;
}
int main(void) {
  out = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  u64 want[6];
  for (int i = 0; i < 6; i++) want[i] = bits(series(i));
  long pid[3];
  for (long i = 0; i < 3; i++) pid[i] = spawn(run, (void *)i);
  struct thread t[3];
  for (long i = 0; i < 3; i++) thread_start(&t[i], run, (void *)(i + 3));
  for (int i = 0; i < 3; i++) {
    reap("process", pid[i]);
    thread_join(&t[i]);
  }
  for (int i = 0; i < 6; i++) printf("%d: %s\n", i, out[i] == want[i] ? "same" : "differs");
}
