// ptrace(2): PTRACE_EVENT_FORK, VFORK, VFORK_DONE, CLONE, EXEC and EXIT with their messages; new tasks are traced, too; SIGTRAP of exec without options.
#include "pt.h"
static int thread_fn(void *a) { return 0; }
static char stack[8192];
static int child(void *unused) {
  raise(SIGSTOP);
  long pid = fork();
  if (pid == 0) exit(3);
  SC(wait4, pid, 0, 0, 0);
  pid = SC(clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) exit(4);
  SC(wait4, pid, 0, 0, 0);
  struct thread t;
  thread_start(&t, thread_fn, 0);
  thread_join(&t);
  char *args[] = { "p", "x", NULL };
  execve("/proc/self/exe", args, NULL);
  return 1;
}
static int plain(void *unused) {
  PT(TRACEME, 0, 0, 0);
  char *args[] = { "p", "x", NULL };
  execve("/proc/self/exe", args, NULL);
  return 1;
}
static unsigned long msg(long pid) {
  unsigned long m = ~0ul;
  E("message", PT(GETEVENTMSG, pid, 0, &m));
  return m;
}
static long newcomer(const char *label, long parent) {
  event(label, parent);
  siginfo(label, parent);
  long pid = msg(parent);
  event("newcomer", pid);
  PT(CONT, pid, 0, 0);
  return pid;
}
static void end(const char *label, long pid) {
  event(label, pid);
  printf("exits with %lx\n", msg(pid));
  PT(CONT, pid, 0, 0);
  event(label, pid);
}
int main(int argc, char **argv) {
  if (argc > 1) return 5;
  long pid = spawn(child, 0);
  msleep(30);
  E("seize, bad options", PT(SEIZE, pid, 0, 1 << 30));
  E("seize, address", PT(SEIZE, pid, 1, 0));
  E("seize", PT(SEIZE, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT));
  event("stopped", pid);
  SC(kill, pid, SIGCONT);
  PT(CONT, pid, 0, 0);
  event("continued", pid);
  PT(CONT, pid, 0, 0);
  event("SIGCONT", pid);
  PT(CONT, pid, 0, 0);

  long c = newcomer("fork", pid);
  PT(CONT, pid, 0, 0);
  end("forked", c);
  event("SIGCHLD", pid);
  PT(CONT, pid, 0, 0);

  c = newcomer("vfork", pid);
  PT(CONT, pid, 0, 0);
  end("vforked", c);
  event("vfork parent", pid);
  printf("message is the child %d\n", msg(pid) == (unsigned long)c);
  PT(CONT, pid, 0, 0);
  event("SIGCHLD", pid);
  PT(CONT, pid, 0, 0);

  c = newcomer("thread", pid);
  PT(CONT, pid, 0, 0);
  end("thread", c);

  event("exec", pid);
  printf("message is the old tid %d\n", msg(pid) == (unsigned long)pid);
  PT(CONT, pid, 0, 0);
  end("program", pid);

  pid = spawn(plain, 0);
  event("exec without options", pid);
  siginfo("exec without options", pid);
  PT(CONT, pid, 0, 0);
  event("program", pid);
}
