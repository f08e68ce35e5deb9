// execve(2), open(2): descriptors marked close-on-exec disappear, others stay with their offset.
#include "t.h"
int main(int argc, char **argv) {
  if (argc > 1) {
    for (int fd = 3; fd <= 9; fd++) printf("%d: %s\n", fd, err(fcntl(fd, F_GETFD)));
    V("offset", lseek(3, 0, 1));
    return 0;
  }
  put("f", "0123456789");
  int a = open("f", O_RDONLY);
  lseek(a, 4, 0);
  open("f", O_RDONLY | O_CLOEXEC);
  int p[2];
  pipe2(p, O_CLOEXEC);
  dup3(a, 7, O_CLOEXEC);
  dup3(7, 8, 0);
  fcntl(a, F_DUPFD_CLOEXEC, 9);
  char *args[] = { "p", "x", NULL };
  execve("/proc/self/exe", args, NULL);
}
