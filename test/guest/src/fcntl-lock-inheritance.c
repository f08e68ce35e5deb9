// fcntl(2): record locks are not inherited by fork, kept over exec, shared by threads; whence and negative lengths; upgrade in place.
#include "t.h"
static int fd;
static long lk(int type, int whence, long start, long len) {
  struct flock l = { .l_type = type, .l_whence = whence, .l_start = start, .l_len = len };
  return fcntl(fd, F_SETLK, &l);
}
static int body(void *a) {
  E("thread relocks", lk(F_WRLCK, 0, 0, 10));
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    fd = 3;
    struct flock l = { .l_type = F_WRLCK };
    long pid = fork();
    if (pid == 0) {
      fcntl(fd, F_GETLK, &l);
      printf("held over exec %d by parent %d\n", l.l_type == F_WRLCK, l.l_pid == getppid());
      exit(0);
    }
    reap("child", pid);
    return 0;
  }
  fd = open("f", O_RDWR | O_CREAT, 0600);
  write(fd, "0123456789abcdefghij", 20);
  lk(F_WRLCK, 0, 0, 10);
  struct thread t;
  thread_start(&t, body, 0);
  thread_join(&t);
  long pid = fork();
  if (pid == 0) {
    E("child wants it", lk(F_WRLCK, 0, 0, 10));
    E("child takes the end", lk(F_WRLCK, 2, -5, 5));
    E("negative length", lk(F_WRLCK, 0, 15, -3));
    E("unlock all", lk(F_UNLCK, 0, 0, 0));
    exit(0);
  }
  reap("child", pid);
  lseek(fd, 12, 0);
  E("from here", lk(F_RDLCK, 1, 0, 2));
  E("upgrade", lk(F_WRLCK, 0, 12, 2));
  E("before the start", lk(F_RDLCK, 1, -13, 1));
  E("too far back", lk(F_RDLCK, 0, 2, -3));
  char *a[] = { "p", "x", NULL };
  execve("/proc/self/exe", a, NULL);
}
