// get_robust_list(2) with PI locks (entries with bit 0 set) and a lock in `list_op_pending`: the best waiter gets the dead thread's lock, marked.
#include "t.h"
#include <linux/futex.h>
struct lock {
  struct robust_list list;
  int word, pad;
};
static struct lock *l;
static int holder(void *a) {
  static struct robust_list_head head;
  head.list.next = (void *)((long)&l[0].list + 1);
  l[0].list.next = &head.list;
  head.futex_offset = (long)&l->word - (long)l;
  head.list_op_pending = (void *)((long)&l[1].list + 1);
  E("set", SC(set_robust_list, &head, sizeof head));
  E("lock", futex(&l[0].word, FUTEX_LOCK_PI, 0, 0));
  l[1].word = gettid();
  *(volatile int *)&l[2].word = 1;
  msleep(60);
  return 0;
}
static void show(const char *what, int w) {
  printf("%s: mine %d waiters %d died %d\n", what, (w & FUTEX_TID_MASK) == gettid(), (w & FUTEX_WAITERS) != 0, (w & FUTEX_OWNER_DIED) != 0);
}
int main(void) {
  l = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  long pid = spawn(holder, 0);
  while (*(volatile int *)&l[2].word == 0) msleep(1);
  E("wait for the listed one", futex(&l[0].word, FUTEX_LOCK_PI, 0, 0));
  show("listed", l[0].word);
  reap("holder", pid);
  show("pending, nobody waited", l[1].word);
  E("take it", futex(&l[1].word, FUTEX_TRYLOCK_PI));
  show("pending", l[1].word);
  E("unlock", futex(&l[0].word, FUTEX_UNLOCK_PI));
  E("unlock", futex(&l[1].word, FUTEX_UNLOCK_PI));
  printf("words %x %x\n", l[0].word, l[1].word);
}
