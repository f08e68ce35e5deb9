// mmap(2), mprotect(2): which accesses PROT_WRITE alone, PROT_EXEC alone and combinations allow on riscv64, through the kernel too.
// oracle: man
#include "t.h"
int main(void) {
  char *p = mmap(0, PAGE, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  FAULT("write of W", p, *(volatile char *)p = 1);
  FAULT("read of W (riscv64 has no write-only pages)", p, (void)*(volatile char *)p);
  mprotect(p, PAGE, PROT_EXEC);
  FAULT("read of X", p, (void)*(volatile char *)p);
  int fds[2];
  pipe(fds);
  E("read(2) into X", read(open("/dev/zero", O_RDONLY), p, 1));
  E("write(2) out of NONE", (mprotect(p, PAGE, PROT_NONE), write(fds[1], p, 1)));
}
