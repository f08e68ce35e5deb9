// process_vm_readv(2), process_vm_writev(2): another process' memory, partial transfers, permissions.
#include "t.h"
int main(void) {
  char *m = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct gate g = gate(), up = gate();
  strcpy(m, "parent's");
  long pid = fork();
  if (pid == 0) {
    strcpy(m, "child's");
    munmap(m + PAGE, PAGE);
    gate_open(&up);
    gate_wait(&g);
    printf("child has %s\n", m);
    exit(0);
  }
  gate_wait(&up);
  char b[16] = "";
  struct iovec l = { b, 8 }, r = { m, 8 };
  V("read", SC(process_vm_readv, pid, &l, 1, &r, 1, 0));
  printf("%s\n", b);
  l.iov_base = "written";
  V("write", SC(process_vm_writev, pid, &l, 1, &r, 1, 0));
  r = (struct iovec){ m + PAGE, 8 };
  E("unmapped there", SC(process_vm_readv, pid, &l, 1, &r, 1, 0));
  E("flags", SC(process_vm_readv, pid, &l, 1, &r, 1, 1));
  E("none", SC(process_vm_readv, 99999, &l, 1, &r, 1, 0));
  gate_open(&g);
  reap("child", pid);
  printf("mine %s\n", m);
}
