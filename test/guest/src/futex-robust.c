// get_robust_list(2): when a thread dies holding listed futexes, each gets FUTEX_OWNER_DIED and one waiter is woken.
#include "t.h"
#include <linux/futex.h>
struct lock {
  struct robust_list list;
  int word, pad;
};
static struct lock *l;
static int holder(void *a) {
  static struct robust_list_head head;
  head.list.next = &l[0].list;
  l[0].list.next = &l[1].list;
  l[1].list.next = &head.list;
  head.futex_offset = (long)&l->word - (long)l;
  E("set", SC(set_robust_list, &head, sizeof head));
  for (int i = 0; i < 2; i++) l[i].word = gettid();
  l[0].word |= FUTEX_WAITERS;
  void *p;
  size_t n;
  SC(get_robust_list, 0, &p, &n);
  printf("get %d %lu\n", p == &head, n);
  // Now main may look, and print.
  l[2].word = gettid();
  msleep(100);
  return 0;
}
int main(void) {
  l = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  E("bad size", SC(set_robust_list, l, 8));
  long pid = spawn(holder, 0);
  while (*(volatile int *)&l[2].word == 0) msleep(1);
  int v = l[0].word;
  printf("waiters bit %d\n", (v & FUTEX_WAITERS) != 0);
  E("waiter", futex(&l[0].word, FUTEX_WAIT, v, 0));
  reap("holder", pid);
  for (int i = 0; i < 3; i++)
    printf("%d: owner died %d tid gone %d\n", i, (l[i].word & FUTEX_OWNER_DIED) != 0, (l[i].word & FUTEX_TID_MASK) == 0);
}
