// ptrace(2): tracing by somebody else than the parent, threads as tracees of their own, exec of a thread, group exit, what the real parent sees.
#include "pt.h"
static struct gate g;
static int dead_end(void *a) { for (;;) msleep(1000); }
static int execs(void *a) {
  char *args[] = { "p", "x", NULL };
  gate_wait(&g);
  execve("/proc/self/exe", args, NULL);
  return 1;
}
static int process(void *fn) {
  struct thread t[2];
  thread_start(&t[0], dead_end, 0);
  thread_start(&t[1], fn, 0);
  dead_end(0);
}
static int exits(void *a) {
  gate_wait(&g);
  SC(exit_group, 9);
}
static int leaves(void *a) {
  gate_wait(&g);
  return 0;
}
/** The tids of a process behind its leader, in order. */
static void threads(long pid, long *tid) {
  char path[64], buf[512];
  snprintf(path, sizeof path, "/proc/%ld/task", pid);
  do {
    int fd = open(path, O_RDONLY | O_DIRECTORY), n = 0;
    long len = SC(getdents64, fd, buf, sizeof buf);
    for (long at = 0; at < len; at += *(u16 *)(buf + at + 16)) {
      long id = atol(buf + at + 19);
      if (id > pid && n < 2) tid[n++] = id;
    }
    close(fd);
    if (n == 2) return;
    msleep(5);
  } while (1);
}
static long start(int (*fn)(void *), long *tid, long options) {
  g = gate();
  long pid = spawn(process, fn);
  threads(pid, tid);
  E("seize", PT(SEIZE, pid, 0, options) ?: PT(SEIZE, tid[0], 0, options) ?: PT(SEIZE, tid[1], 0, options));
  return pid;
}
static int sleeper(void *a) { dead_end(0); }
/** What the tracer and the real parent tell each other. */
static struct { struct gate seized, listening, kill, zombie, reap; } say;
static int tracer(void *pid) {
  PT(SEIZE, pid, 0, 0);
  gate_open(&say.seized);
  event("tracer", (long)pid);
  PT(CONT, pid, 0, SIGSTOP);
  event("tracer", (long)pid);
  PT(LISTEN, pid, 0, 0);
  gate_open(&say.listening);
  gate_wait(&say.kill);
  SC(kill, pid, SIGKILL);
  await_state((long)pid, 'Z');
  gate_open(&say.zombie);
  gate_wait(&say.reap);
  event("tracer", (long)pid);
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) return 5;
  long tid[2];
  long pid = start(leaves, tid, 0);
  PT(INTERRUPT, tid[0], 0, 0);
  event("one thread stops", tid[0]);
  V("the leader does not", SC(wait4, pid, 0, __WALL | WNOHANG, 0));
  gate_open(&g);
  event("thread ends", tid[1]);
  E("it is gone", SC(wait4, tid[1], 0, __WALL, 0));
  SC(kill, pid, SIGSTOP);
  event("SIGSTOP", pid);
  PT(CONT, pid, 0, SIGSTOP);
  event("leader in the group-stop", pid);
  PT(CONT, tid[0], 0, 0);
  event("thread in the group-stop", tid[0]);
  SC(kill, pid, SIGKILL);
  event("thread killed", tid[0]);
  event("leader killed", pid);

  pid = start(exits, tid, PTRACE_O_TRACEEXIT);
  gate_open(&g);
  event("exit_group", tid[1]);
  unsigned long m = 0;
  PT(GETEVENTMSG, tid[1], 0, &m);
  printf("message %lx\n", m);
  event("others exit, too", tid[0]);
  event("and the leader", pid);
  PT(CONT, tid[0], 0, 0);
  event("thread", tid[0]);
  m = 0;
  E("the others rest", PT(GETEVENTMSG, tid[1], 0, &m) ?: PT(GETEVENTMSG, pid, 0, &m));
  printf("message %lx\n", m);
  PT(CONT, tid[1], 0, 0);
  event("thread", tid[1]);
  E("the leader rests", PT(GETEVENTMSG, pid, 0, &m));
  PT(CONT, pid, 0, 0);
  event("leader", pid);

  pid = start(execs, tid, PTRACE_O_TRACEEXEC);
  gate_open(&g);
  event("other thread", tid[0]);
  event("exec", pid);
  m = 0;
  PT(GETEVENTMSG, pid, 0, &m);
  printf("message is the thread %d\n", m == (unsigned long)tid[1]);
  E("the thread's number is free", PT(CONT, tid[1], 0, 0));
  PT(CONT, pid, 0, 0);
  event("program", pid);

  say.seized = gate(), say.listening = gate(), say.kill = gate(), say.zombie = gate(), say.reap = gate();
  pid = spawn(sleeper, 0);
  long t = spawn(tracer, (void *)pid);
  gate_wait(&say.seized);
  SC(kill, pid, SIGSTOP);
  int st;
  int seen = SC(wait4, pid, &st, WUNTRACED, 0) == pid;
  gate_wait(&say.listening);
  V("parent sees the stop", seen);
  pstat("parent", st);
  gate_open(&say.kill);
  gate_wait(&say.zombie);
  V("the tracer's zombie", SC(wait4, pid, &st, WNOHANG, 0));
  gate_open(&say.reap);
  reap("tracer", t);
  reap("tracee", pid);
}
