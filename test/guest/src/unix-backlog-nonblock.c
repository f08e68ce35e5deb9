// unix(7), listen(2): a full backlog makes a non-blocking connect EAGAIN and a blocking one wait; accept order; non-blocking accept.
#include "net.h"
int main(void) {
  int l = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  bind_to(l, "@b");
  listen(l, 1);
  E("accept none", accept4(l, 0, 0, 0));
  int n = 0;
  long r;
  while ((r = connect_to(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), "@b")) >= 0 && n < 50) n++;
  printf("queued %d then %s\n", n, err(r));
  long pid = fork();
  if (pid == 0) {
    int c = socket(AF_UNIX, SOCK_STREAM, 0);
    r = connect_to(c, "@b");
    E("waited", r);
    write(c, "W", 1);
    exit(0);
  }
  msleep(20);
  printf("waiting %ld\n", waitpid(pid, 0, WNOHANG));
  for (int i = 0; i < n; i++) accept4(l, 0, 0, 0);
  reap("child", pid);
  int s = accept4(l, 0, 0, SOCK_NONBLOCK);
  char c = 0;
  read(s, &c, 1);
  printf("%c nonblock %d\n", c, (fcntl(s, F_GETFL) & O_NONBLOCK) != 0);
  struct pollfd f = { l, POLLIN, 0 };
  struct timespec z = { 0, 0 };
  V("poll none", ppoll(&f, 1, &z, 0));
  connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "@b");
  V("poll one", ppoll(&f, 1, &z, 0));
}
