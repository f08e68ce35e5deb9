// signal(7): a stopped process does not run; SIGCONT resumes it even when blocked, and runs its handler; stop and continue cancel each
// other.
#include "t.h"
static void h(int s) { printf("handler %s\n", signame(s)); }
int main(void) {
  int *n = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  long pid = fork();
  if (pid == 0) {
    sigact(SIGCONT, h, 0, 0);
    sigmask(SIG_BLOCK, bit(SIGTERM));
    for (;;) { *(volatile int *)n += 1; }
  }
  while (*(volatile int *)n == 0) msleep(1);
  int st;
  kill(pid, SIGSTOP);
  waitpid(pid, &st, WUNTRACED);
  pstat("stop", st);
  printf("state T %d\n", await_state(pid, 'T'));
  int before = *(volatile int *)n;
  msleep(20);
  printf("frozen %d\n", before == *(volatile int *)n);
  kill(pid, SIGTERM);
  kill(pid, SIGCONT);
  waitpid(pid, &st, WCONTINUED);
  msleep(20);
  pstat("cont", st);
  before = *(volatile int *)n;
  msleep(20);
  printf("runs %d\n", *(volatile int *)n != before);
  kill(pid, SIGSTOP);
  waitpid(pid, &st, WUNTRACED);
  kill(pid, SIGKILL);
  reap("killed while stopped", pid);
  pid = fork();
  if (pid == 0) {
    sigmask(SIG_BLOCK, bit(SIGTSTP) | bit(SIGCONT));
    raise(SIGTSTP);
    printf("pending %lx\n", sigpend());
    raise(SIGCONT);
    printf("pending %lx\n", sigpend());
    raise(SIGTSTP);
    printf("pending %lx\n", sigpend());
    exit(0);
  }
  reap("child", pid);
}
