// memfd_create(2): an anonymous file that can be written, mapped, shared over fork, sealed.
#include "t.h"
#include <linux/memfd.h>
int main(void) {
  int fd = SC(memfd_create, "name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  printf("cloexec %ld\n", fcntl(fd, F_GETFD));
  write(fd, "hello", 5);
  char link_[64] = "", path[32];
  snprintf(path, 32, "/proc/self/fd/%d", fd);
  readlink(path, link_, 63);
  printf("%s\n", link_);
  struct stat st;
  fstat(fd, &st);
  printf("mode %o nlink %u size %ld\n", st.st_mode, (u32)st.st_nlink, st.st_size);
  char *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[0] = 'J';
  char b[8] = "";
  pread(fd, b, 5, 0);
  printf("%s\n", b);
  V("seals", fcntl(fd, F_GET_SEALS));
  E("seal write while mapped", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(p, PAGE);
  E("seal grow and shrink", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK));
  E("grow", ftruncate(fd, 100));
  E("shrink", ftruncate(fd, 2));
  E("append", pwrite(fd, "x", 1, 5));
  E("seal write", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
  E("write", pwrite(fd, "x", 1, 0));
  E("map writable", mmap(0, PAGE, PROT_WRITE, MAP_SHARED, fd, 0));
  E("more seals", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  int plain = SC(memfd_create, "p", 0);
  V("seals without ALLOW", fcntl(plain, F_GET_SEALS));
  E("bad flags", SC(memfd_create, "p", 0x8000));
}
