// fork(2): parent and child share open file descriptions, so they share the offset and the status flags, not the descriptor flags.
#include "t.h"
int main(void) {
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  write(fd, "0123456789", 10);
  lseek(fd, 2, 0);
  long pid = fork();
  if (pid == 0) {
    char b[4] = "";
    read(fd, b, 3);
    printf("child read %s\n", b);
    fcntl(fd, F_SETFL, O_APPEND);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    close(0);
    exit(0);
  }
  reap("child", pid);
  V("offset", lseek(fd, 0, 1));
  printf("append %d cloexec %ld stdin %s\n", (fcntl(fd, F_GETFL) & O_APPEND) != 0, fcntl(fd, F_GETFD), err(fcntl(0, F_GETFD)));
}
