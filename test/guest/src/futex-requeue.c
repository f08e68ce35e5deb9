// futex(2): FUTEX_REQUEUE and FUTEX_CMP_REQUEUE move waiters; FUTEX_WAKE_OP changes a word and wakes on both.
#include "t.h"
#include <linux/futex.h>
static int a, b;
static int on_a(void *x) {
  futex(&a, FUTEX_WAIT, 0, 0);
  return 0;
}
static int on_b(void *x) {
  futex(&b, FUTEX_WAIT, *(int *)x, 0);
  return 0;
}
int main(void) {
  struct thread t[4];
  for (int i = 0; i < 4; i++) thread_start(&t[i], on_a, 0);
  msleep(20);
  E("cmp differs", futex(&a, FUTEX_CMP_REQUEUE, 1, 9, &b, 5));
  V("cmp requeue", futex(&a, FUTEX_CMP_REQUEUE, 1, 2, &b, 0));
  V("left on a", futex(&a, FUTEX_WAKE, 9));
  V("moved to b", futex(&b, FUTEX_WAKE, 9));
  for (int i = 0; i < 4; i++) thread_join(&t[i]);
  for (int i = 0; i < 2; i++) thread_start(&t[i], on_a, 0);
  msleep(10);
  V("requeue", futex(&a, FUTEX_REQUEUE, 0, 9, &b));
  V("a is empty", futex(&a, FUTEX_WAKE, 9));
  V("b has both", futex(&b, FUTEX_WAKE, 9));
  for (int i = 0; i < 2; i++) thread_join(&t[i]);
  int v = 0;
  thread_start(&t[0], on_a, 0);
  thread_start(&t[1], on_b, &v);
  msleep(20);
  V("wake op add, cmp eq 0", futex(&a, FUTEX_WAKE_OP, 1, 1, &b, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0)));
  printf("b %d\n", b);
  for (int i = 0; i < 2; i++) thread_join(&t[i]);
  V("cmp fails, nobody", futex(&a, FUTEX_WAKE_OP, 1, 1, &b, FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_GT, 100)));
  printf("b %d\n", b);
  V("or", futex(&a, FUTEX_WAKE_OP, 1, 1, &b, FUTEX_OP(FUTEX_OP_OR, 8, FUTEX_OP_CMP_LT, 0)));
  printf("b %d\n", b);
  V("andn", futex(&a, FUTEX_WAKE_OP, 1, 1, &b, FUTEX_OP(FUTEX_OP_ANDN, 3, FUTEX_OP_CMP_LT, 0)));
  printf("b %d\n", b);
  E("negative", futex(&a, FUTEX_CMP_REQUEUE, -1, 0, &b, 0));
}
