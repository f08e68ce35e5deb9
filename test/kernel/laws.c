// What a scheduler promises, measured by programs that live under it; numbers for laws.test.ts to judge. `laws NAME`.
#include "../guest/libc/t.h"
#define MS 1000000l
struct attr {
  unsigned size, policy;
  u64 flags;
  int nice;
  unsigned priority;
  u64 runtime, deadline, period;
};
static long now(int clock) {
  struct { long s, n; } ts;
  SC(clock_gettime, clock, &ts);
  return ts.s * 1000 * MS + ts.n;
}
enum { MONOTONIC = 1, OWN = 3 };
static void until(long ns) { while (now(MONOTONIC) < ns) for (volatile int i = 0; i < 500; i++) { } }
static void sleep_until(long ns) {
  struct { long s, n; } ts = { ns / (1000 * MS), ns % (1000 * MS) };
  SC(clock_nanosleep, 1, 1, &ts, 0);
}
static void become(int policy, int priority) { SC(sched_setscheduler, 0, policy, &priority); }
static long *shared;
/** Starts children that become what `who(i)` makes of them and spin until `end`; shared[i] is the CPU time they got. */
static void contest(int n, void (*who)(int), long end) {
  long pid[16];
  for (int i = 0; i < n; i++)
    if ((pid[i] = fork()) == 0) {
      who(i);
      sleep_until(end - 1000 * MS);
      long before = now(OWN);
      until(end);
      shared[i] = now(OWN) - before;
      exit(0);
    }
  for (int i = 0; i < n; i++) waitpid(pid[i], 0, 0);
  for (int i = 0; i < n; i++) printf("%ld ", shared[i] / 1000);
  printf("\n");
}
static void by_nice(int i) { static const int nice[] = { 0, 5, -5, 10, 0 }; SC(setpriority, 0, 0, nice[i]); }
static void by_class(int i) {
  if (i == 0) become(1, 10);
  if (i == 1) become(5, 0);
}
static void robin(int i) { (void)i; become(2, 20); }

static void rotation(void) {
  volatile int *turn = (int *)(shared + 100);
  become(1, 99);
  for (int i = 0; i < 3; i++)
    if (fork() == 0) {
      become(2, 20);
      for (;;) *turn = i;
    }
  int last = -1;
  for (int k = 0; k < 24; k++) {
    msleep(50);
    if (*turn != last) printf("%d", last = *turn);
  }
  printf("\n");
  kill(0, SIGTERM);
}
/** Wakes every period, works, and says how often the work was late; beside spinning tasks. */
static void deadline(void) {
  for (int i = 0; i < 5; i++)
    if (fork() == 0) {
      if (i == 0) become(1, 50);
      for (;;) { }
    }
  struct attr a = { .size = 48, .policy = 6, .runtime = 5 * MS, .deadline = 20 * MS, .period = 20 * MS };
  long r = SC(sched_setattr, 0, &a, 0);
  int late = 0;
  long start = now(MONOTONIC), cpu = now(OWN);
  for (int i = 0; i < 50; i++) {
    long end = now(OWN) + 4 * MS, due = now(MONOTONIC) + 20 * MS;
    while (now(OWN) < end) { }
    late += now(MONOTONIC) > due;
    sched_yield();
  }
  printf("set %ld late %d wall %ld cpu %ld\n", r, late, (now(MONOTONIC) - start) / MS, (now(OWN) - cpu) / MS);
  // A greedy one gets its budget and no more.
  start = now(MONOTONIC);
  cpu = now(OWN);
  until(start + 1000 * MS);
  printf("greedy %ld\n", (now(OWN) - cpu) / MS);
  a = (struct attr){ .size = 48, .policy = 6, .runtime = 96 * MS, .deadline = 100 * MS };
  printf("too much %ld\n", SC(sched_setattr, 0, &a, 0));
  kill(0, SIGTERM);
}
/** How late a sleeper wakes beside five that spin. */
static void sleeper(long slice) {
  for (int i = 0; i < 5; i++)
    if (fork() == 0) for (;;) { }
  struct attr a = { .size = 48, .runtime = slice };
  SC(sched_setattr, 0, &a, 0);
  long worst = 0, sum = 0;
  for (int i = 0; i < 200; i++) {
    long due = now(MONOTONIC) + 3 * MS;
    sleep_until(due);
    long late = now(MONOTONIC) - due;
    sum += late;
    if (late > worst) worst = late;
  }
  printf("worst %ld mean %ld\n", worst / 1000, sum / 200000);
  kill(0, SIGTERM);
}
static int own(void *arg) {
  long *mine = arg;
  while (shared[1999] == 0) (*mine)++;
  return 0;
}
static void crowd(long n) {
  static struct thread t[1000];
  for (long i = 0; i < n; i++) thread_start(&t[i], own, shared + i);
  msleep(3000);
  long least = shared[0], most = shared[0];
  for (long i = 0; i < n; i++) {
    if (shared[i] < least) least = shared[i];
    if (shared[i] > most) most = shared[i];
  }
  printf("least %ld most %ld\n", least, most);
  shared[1999] = 1;
  for (long i = 0; i < n; i++) thread_join(&t[i]);
}
int main(int argc, char **argv) {
  (void)argc;
  const char *what = argv[1];
  shared = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  sigact(SIGTERM, (void *)1, 0, 0);
  long end = now(MONOTONIC) + 1200 * MS;
  if (!strcmp(what, "nice")) contest(5, by_nice, end);
  if (!strcmp(what, "classes")) contest(3, by_class, end);
  if (!strcmp(what, "robin")) contest(3, robin, end);
  if (!strcmp(what, "crowd")) crowd(1000);
  if (!strcmp(what, "rotation") || !strcmp(what, "deadline") || !strncmp(what, "sleeper", 7)) {
    // Spinners are killed with their group: they are in one of their own.
    long pid = fork();
    if (pid == 0) {
      SC(setpgid, 0, 0);
      sigact(SIGTERM, 0, 0, 0);
      if (*what == 'r') rotation();
      else if (*what == 'd') deadline();
      else sleeper(what[7] ? 100000 : 0);
    }
    reap("end", pid);
  }
}
