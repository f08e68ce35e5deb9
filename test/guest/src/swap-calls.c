// swapon(2), swapoff(2): flags, privilege, what can be swapped to, and what is not swapped to.
#include "t.h"
#define swapon(p, f) SC(swapon, p, f)
#define swapoff(p) SC(swapoff, p)
static int plain(void *a) {
  SC(setresuid, 1000, 1000, 1000);
  E("swapon as a user", swapon("f", 0));
  E("swapoff as a user", swapoff("f"));
  return 0;
}
int main(void) {
  E("no such file", swapon("nothing", 0));
  E("unknown flags", swapon("nothing", 0x80000));
  E("bad address", swapon((char *)16, 0));
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 1 << 20);
  E("a file of tmpfs", swapon("f", 0));
  E("a directory", swapon(".", 0));
  E("a character device", swapon("/dev/null", 0));
  E("swapoff of what is no swap", swapoff("f"));
  E("swapoff of nothing", swapoff("nothing"));
  reap("user", spawn(plain, 0));
}
