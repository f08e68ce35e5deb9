// unshare(2): a thread gets its own descriptors or cwd; flags that need nothing; errors.
#include "t.h"
static int body(void *a) {
  E("files", SC(unshare, CLONE_FILES));
  close(0);
  E("fs", SC(unshare, CLONE_FS));
  chdir("/");
  E("thread flags alone", SC(unshare, CLONE_THREAD));
  return 0;
}
int main(void) {
  char b[64];
  struct thread t;
  thread_start(&t, body, 0);
  thread_join(&t);
  E("stdin stays", fcntl(0, F_GETFD));
  getcwd(b, 64);
  printf("cwd stays %d\n", strcmp(b, "/") != 0);
  E("nothing", SC(unshare, 0));
  E("bad flags", SC(unshare, 0x8));
}
