// proc(5) /proc/PID/mem: own and a child's memory by pread and pwrite, also over write protection; holes are EIO.
#include "t.h"
int main(void) {
  char *m = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), b[16] = "";
  munmap(m + PAGE, PAGE);
  strcpy(m, "memory");
  int fd = open("/proc/self/mem", O_RDWR);
  E("open", fd);
  V("pread", pread(fd, b, 6, m));
  printf("%s\n", b);
  V("pwrite", pwrite(fd, "MEM", 3, m));
  printf("%s\n", m);
  mprotect(m, PAGE, PROT_READ);
  V("write to read-only", pwrite(fd, "R", 1, m));
  printf("%s\n", m);
  E("hole", pread(fd, b, 1, m + PAGE));
  V("across the edge", pread(fd, b, 10, m + PAGE - 4));
  E("null", pread(fd, b, 1, 0));
  V("seek", lseek(fd, 4096, 0));
  struct gate g = gate(), up = gate();
  long pid = fork();
  if (pid == 0) {
    mprotect(m, PAGE, PROT_READ | PROT_WRITE);
    strcpy(m, "child");
    gate_open(&up);
    gate_wait(&g);
    printf("child has %s\n", m);
    exit(0);
  }
  gate_wait(&up);
  char path[32];
  snprintf(path, 32, "/proc/%ld/mem", pid);
  int c = open(path, O_RDWR);
  memset(b, 0, 16);
  pread(c, b, 5, m);
  printf("of the child %s\n", b);
  pwrite(c, "CH", 2, m);
  gate_open(&g);
  reap("child", pid);
  V("after its end", pread(c, b, 1, m));
  printf("mine %s\n", m);
}
