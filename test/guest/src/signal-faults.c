// sigaction(2): si_code and si_addr of memory faults: unmapped, protected, past the end of a file, execution of data, null jump.
#include "t.h"
int main(void) {
  volatile char *m = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap((void *)(m + PAGE), PAGE);
  mprotect((void *)(m + 2 * PAGE), PAGE, PROT_READ);
  FAULT("read hole", (void *)m, (void)m[PAGE + 5]);
  FAULT("write hole", (void *)m, m[PAGE + 6] = 1);
  FAULT("write read-only", (void *)m, m[2 * PAGE + 7] = 1);
  FAULT("read read-only", (void *)m, (void)m[2 * PAGE + 7]);
  mprotect((void *)m, PAGE, PROT_NONE);
  FAULT("read none", (void *)m, (void)m[3]);
  FAULT("write none", (void *)m, m[4] = 1);
  mprotect((void *)m, PAGE, PROT_READ | PROT_WRITE);
  FAULT("execute data", (void *)m, ((void (*)(void))m)());
  FAULT("execute hole", (void *)m, ((void (*)(void))(m + PAGE))());
  volatile char *null = (char *)0;
  __asm__("" : "+r"(null));
  FAULT("null", NULL, *null = 1);
  FAULT("null + 100", (void *)1, null[100] = 1);
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 100);
  volatile char *f = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  FAULT("inside the last page", (void *)f, f[4000] = 1);
  FAULT("past the file", (void *)f, (void)f[PAGE + 1]);
  FAULT("write past the file", (void *)f, f[PAGE + 2] = 1);
}
