// clone(2), set_tid_address(2): CHILD_SETTID, CHILD_CLEARTID with its futex wake for processes sharing memory, CLONE_PARENT, VM|VFORK.
#include "t.h"
#include <linux/futex.h>
static int *words, parent;
static char stack[16384] __attribute__((aligned(16)));
static int child(void *a) {
  words[2] = words[0] == getpid();
  msleep(20);
  return 0;
}
static int cousin(void *a) {
  words[3] = getppid();
  return 4;
}
static int maker(void *a) { return clone_fn(CLONE_PARENT | SIGCHLD, stack + 16384, 0, 0, 0, cousin, 0) > 0 ? 0 : 1; }
static int vm(void *a) {
  msleep(10);
  words[4] = 1;
  return 5;
}
int main(void) {
  words = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  words[1] = 77;
  long pid = SC(clone, CLONE_CHILD_SETTID | CLONE_PARENT_SETTID | SIGCHLD, 0, &parent, 0, 0);
  (void)pid;
  if (pid == 0) exit(0);
  printf("parent word %d\n", parent == pid);
  reap("plain", pid);
  pid = must(clone_fn(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_VM | SIGCHLD, stack + 16384, 0, 0, &words[0], child, 0));
  while (*(volatile int *)&words[0] == 0 && *(volatile int *)&words[2] == 0) msleep(1);
  int v = words[0];
  if (v) futex(&words[0], FUTEX_WAIT, v, 0);
  printf("set %d then cleared %d\n", words[2], words[0]);
  reap("vm child", pid);
  int me = getpid();
  pid = spawn(maker, 0);
  int st, n = 0;
  while (waitpid(-1, &st, 0) > 0) n++;
  printf("children waited for %d, parent is me %d\n", n, words[3] == me);
  pid = must(clone_fn(CLONE_VM | CLONE_VFORK | SIGCHLD, stack + 16384, 0, 0, 0, vm, 0));
  printf("after vfork-like clone %d\n", words[4]);
  reap("vfork child", pid);
}
