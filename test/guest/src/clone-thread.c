// clone(2): a thread shares memory, files, cwd, umask and the pid; its tid word is cleared and a futex woken when it ends.
#include "t.h"
static int shared, fd = -1, pid;
static int body(void *arg) {
  shared = (long)arg;
  fd = open("made-by-thread", O_RDWR | O_CREAT, 0600);
  printf("thread: same pid %d other tid %d\n", getpid() == pid, gettid() != pid);
  mkdir("d", 0755);
  chdir("d");
  umask(0123);
  return 0;
}
int main(void) {
  pid = getpid();
  struct thread t;
  thread_start(&t, body, (void *)42);
  printf("tid written %d\n", t.tid > pid);
  thread_join(&t);
  printf("shared %d done %d\n", shared, t.done);
  E("thread's file", write(fd, "x", 1));
  E("thread's cwd", access("../made-by-thread", 0));
  printf("umask %lo\n", umask(022));
  E("wait for a thread", waitpid(t.tid, 0, 0));
}
