// EPOLLEXCLUSIVE (epoll_ctl(2)): of several epoll instances that watch one file, one that somebody waits for is woken; without the flag all are.
#include "t.h"
struct ev { unsigned events; u64 data; };
enum { N = 4 };
#define EXCLUSIVE (1u << 28)
static int epfd[N], woken, target;
static int waiter(void *arg) {
  long i = (long)arg;
  struct ev e;
  if (SC(epoll_pwait, epfd[i], &e, 1, 400, 0, 8) == 1) __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
  return 0;
}
static void round_(const char *label, unsigned flags, int waiting) {
  int p[2];
  pipe(p);
  struct thread t[N];
  woken = 0;
  for (long i = 0; i < N; i++) {
    epfd[i] = SC(epoll_create1, 0);
    struct ev e = { 1 | flags, 0 };
    E("add", SC(epoll_ctl, epfd[i], 1, p[0], &e));
  }
  for (long i = 0; i < waiting; i++) {
    thread_start(&t[i], waiter, (void *)(N - 1 - i));
    await_state(t[i].tid, 'S');
  }
  write(p[1], "x", 1);
  msleep(100);
  printf("%s: %d of %d\n", label, __atomic_load_n(&woken, __ATOMIC_SEQ_CST), waiting);
  for (long i = 0; i < waiting; i++) thread_join(&t[i]);
  for (int i = 0; i < N; i++) {
    struct ev e;
    printf("%ld", (long)SC(epoll_pwait, epfd[i], &e, 1, 0, 0, 8));
    close(epfd[i]);
  }
  printf(" ready\n");
  close(p[0]);
  close(p[1]);
}
int main(void) {
  round_("all", 0, N);
  round_("exclusive", EXCLUSIVE, N);
  round_("exclusive, two wait", EXCLUSIVE, 2);
  round_("exclusive, nobody waits", EXCLUSIVE, 0);
}
