// signal(7): tgkill reaches its thread only; a process signal goes to a thread that does not block it; masks are per thread, handlers
// shared.
#include "t.h"
static volatile int by[3], tid[3];
static void h(int s) {
  for (int i = 0; i < 3; i++)
    if (gettid() == tid[i]) __atomic_add_fetch(&by[i], 1, 5);
}
static int go;
static int body(void *arg) {
  long i = (long)arg;
  tid[i] = gettid();
  sigmask(SIG_SETMASK, i == 2 ? 0 : bit(SIGUSR1));
  __atomic_add_fetch(&go, 1, 5);
  while (__atomic_load_n(&go, 5) < 100) msleep(1);
  return 0;
}
int main(void) {
  struct thread t[2];
  tid[0] = gettid();
  sigact(SIGUSR1, h, SA_RESTART, 0);
  sigact(SIGUSR2, h, SA_RESTART, 0);
  sigmask(SIG_SETMASK, bit(SIGUSR1));
  thread_start(&t[0], body, (void *)1);
  thread_start(&t[1], body, (void *)2);
  while (__atomic_load_n(&go, 5) < 2) msleep(1);
  tgkill(getpid(), tid[1], SIGUSR2);
  for (int i = 0; i < 3; i++) {
    kill(getpid(), SIGUSR1);
    msleep(10);
  }
  tgkill(getpid(), tid[1], SIGUSR1);
  msleep(5);
  printf("by main %d by one %d by two %d, pending here %lx\n", by[0], by[1], by[2], sigpend());
  go = 100;
  thread_join(&t[0]);
  thread_join(&t[1]);
}
