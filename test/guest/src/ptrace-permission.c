// ptrace(2), "Ptrace access mode checking": ids, dumpable, capabilities; a traced program does not gain by set-user-ID unless its tracer may trace anybody.
#include "pt.h"
#include <linux/auxvec.h>
#include <linux/prctl.h>
static int to_user(long uid) { return SC(setresgid, uid, uid, uid) ?: SC(setresuid, uid, uid, uid); }
static struct gate ready;
static int sleeper(void *uid) {
  if (uid) to_user((long)uid);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  gate_open(&ready);
  for (;;) msleep(1000);
}
static int secret(void *uid) {
  to_user((long)uid);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  gate_open(&ready);
  for (;;) msleep(1000);
}
static int mixed(void *uid) {
  SC(setresgid, 1000, 1000, 1000);
  SC(setresuid, 1000, 1001, 1000);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  gate_open(&ready);
  for (;;) msleep(1000);
}
static long pids[5];
static int attaches(void *uid) {
  static const char *names[] = { "root's", "same user's", "other user's", "not dumpable", "mixed ids" };
  if (uid) to_user((long)uid);
  for (int i = 0; i < 5; i++) {
    long r = PT(SEIZE, pids[i], 0, 0);
    E(names[i], r);
    if (r != 0) continue;
    PT(INTERRUPT, pids[i], 0, 0);
    SC(wait4, pids[i], 0, __WALL, 0);
    PT(DETACH, pids[i], 0, 0);
  }
  return 0;
}
static int program(void *traced) {
  if (traced) PT(TRACEME, 0, 0, 0);
  char *a[] = { "p", "x", NULL };
  return execve("./prog", a, NULL);
}
static int traces(void *uid) {
  if (uid) to_user((long)uid);
  long pid = spawn(program, (void *)1);
  event("exec", pid);
  PT(CONT, pid, 0, 0);
  event("program", pid);
  return 0;
}
static long start(int (*fn)(void *), long arg) {
  ready = gate();
  long pid = spawn(fn, (void *)arg);
  gate_wait(&ready);
  return pid;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    u32 r, e, s;
    SC(getresuid, &r, &e, &s);
    printf("uid %d %d %d secure %ld\n", r, e, s, getauxval(AT_SECURE));
    return 0;
  }
  pids[0] = start(sleeper, 0);
  pids[1] = start(sleeper, 1000);
  pids[2] = start(sleeper, 1001);
  pids[3] = start(secret, 1000);
  pids[4] = start(mixed, 0);
  printf("as root\n");
  reap("root", spawn(attaches, 0));
  printf("as a user\n");
  reap("user", spawn(attaches, (void *)1000));
  for (int i = 0; i < 5; i++) SC(kill, pids[i], SIGKILL);
  for (int i = 0; i < 5; i++) SC(wait4, pids[i], 0, 0, 0);

  static char b[100000];
  long n = slurp("/proc/self/exe", b, sizeof b);
  int fd = open("prog", O_WRONLY | O_CREAT, 0755);
  write(fd, b, n);
  close(fd);
  chown("prog", 50, 60);
  chmod("prog", 04755);
  reap("set-user-ID, tracer without rights", spawn(traces, (void *)1000));
  reap("set-user-ID, tracer root", spawn(traces, 0));
}
