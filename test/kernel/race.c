// A program full of races: threads that add to a counter without a lock, processes that write to one pipe, a timer that interrupts them, fair and
// real-time ones, sleepers. What it prints depends on who was preempted where. Run by determinism.test.ts: `race ROUNDS`.
#include "../guest/libc/t.h"
enum { THREADS = 4, CHILDREN = 3 };
static volatile long counter, alarms, order;
static long rounds = 2000;
static int go;
static void on_alarm(int s) { (void)s; alarms++; counter += 7; }
static int racer(void *arg) {
  long me = (long)arg;
  while (__atomic_load_n(&go, __ATOMIC_ACQUIRE) == 0) futex_wait(&go, 0);
  for (long i = 0; i < rounds; i++) {
    long seen = counter;
    for (volatile int k = 0; k < 20 + 5 * me; k++) { }
    counter = seen + 1;
    if (i % 1024 == 100 * me) sched_yield();
    if (i % 256 == 0) order = order * 31 + me;
  }
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) rounds = atol(argv[1]);
  int p[2];
  pipe(p);
  sigact(SIGALRM, on_alarm, SA_RESTART, 0);
  struct { long is, iu, vs, vu; } every = { 0, 1300, 0, 700 };
  SC(setitimer, 0, &every, 0);
  static struct thread t[THREADS];
  for (long i = 0; i < THREADS; i++) thread_start(&t[i], racer, (void *)i);
  long child[CHILDREN];
  for (int c = 0; c < CHILDREN; c++)
    if ((child[c] = fork()) == 0) {
      close(p[0]);
      SC(setpriority, 0, 0, 3 * c);
      for (int i = 0; i < 12; i++) {
        for (volatile int k = 0; k < 3000 * (c + 1); k++) { }
        char letter = 'a' + c;
        write(p[1], &letter, 1);
        if (i == 6) msleep(1);
      }
      exit(0);
    }
  close(p[1]);
  __atomic_store_n(&go, 1, __ATOMIC_RELEASE);
  futex_wake(&go, THREADS);
  char text[64] = { 0 };
  int n = 0;
  for (long r; n < 60 && (r = read(p[0], text + n, sizeof text - 1 - n)) > 0;) n += r;
  for (int i = 0; i < THREADS; i++) thread_join(&t[i]);
  for (int c = 0; c < CHILDREN; c++) waitpid(child[c], 0, 0);
  printf("%s counter %ld alarms %d order %lx\n", text, counter, alarms > 0, order & 0xffff);
}
