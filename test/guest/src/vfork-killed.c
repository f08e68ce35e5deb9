// vfork(2): a parent that waits for its child dies at once of SIGKILL, and of any other signal that ends it by default; the child goes on. A signal that has
// a handler, is blocked or dumps a core waits until the child is done.
#include "t.h"
static struct gate ready, go;
static volatile int *child;
static int sig;
static volatile int got;
static void handler(int s) { got = s; }

static int parent(void *how) {
  if (how == handler) sigact(sig, handler, 0, 0);
  if (how == sigmask) sigmask(SIG_BLOCK, bit(sig));
  if (vfork() == 0) {
    *child = SC(getpid);
    gate_open(&ready);
    gate_wait(&go);
    SC(exit, 7);
  }
  printf("  goes on, %s\n", got ? "handled" : "not handled");
  return 3;
}

static void round(const char *what, int s, void *how) {
  printf("%s\n", what);
  sig = s;
  ready = gate();
  go = gate();
  long pid = spawn(parent, how);
  gate_wait(&ready);
  printf("  waits: %d\n", await_state(pid, 'D'));
  kill(pid, sig);
  if (how == handler || how == sigmask || sig == SIGQUIT) {
    msleep(5);
    printf("  waits: %d\n", await_state(pid, 'D'));
    gate_open(&go);
    reap(" parent", pid);
  } else {
    reap(" parent", pid);
    gate_open(&go);
    reap(" child", *child);
  }
}

int main(void) {
  child = (int *)must(SC(mmap, 0, 4096, 3, 0x21, -1, 0));
  must(SC(prctl, 36, 1, 0, 0, 0)); // PR_SET_CHILD_SUBREAPER
  round("SIGKILL", SIGKILL, 0);
  round("SIGTERM", SIGTERM, 0);
  round("real-time", 40, 0);
  round("handled", SIGUSR1, handler);
  round("blocked", SIGTERM, sigmask);
  round("SIGQUIT", SIGQUIT, 0);
  return 0;
}
