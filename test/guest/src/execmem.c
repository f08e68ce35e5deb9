// Ways to memory that is written and executed, all of them open on a plain kernel: mmap(2), mprotect(2), memfd_create(2), shmat(2), two views of one
// file, /proc/PID/mem. test/security/wx.test.ts runs the same program where the machine's policy closes them.
#include "mm.h"
#include <linux/memfd.h>
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define RWX (RW | PROT_EXEC)
static long map(long prot, long flags, int fd) { return (long)mmap(0, PAGE, prot, flags, fd, 0); }
int main(void) {
  int file = open("f", O_RDWR | O_CREAT, 0755), ro = open("f", O_RDONLY, 0), mem = SC(memfd_create, "m", 0);
  ftruncate(file, PAGE);
  ftruncate(mem, PAGE);
  E("anonymous rwx", map(RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1));
  E("anonymous rx", map(RX, MAP_PRIVATE | MAP_ANONYMOUS, -1));
  E("shared rwx", map(RWX, MAP_SHARED | MAP_ANONYMOUS, -1));
  E("memfd rx", map(RX, MAP_SHARED, mem));
  E("memfd private rx", map(RX, MAP_PRIVATE, mem));
  E("writable file shared rx", map(RX, MAP_SHARED, file));
  E("file private rwx", map(RWX, MAP_PRIVATE, file));
  E("read-only file shared rx", map(RX, MAP_SHARED, ro));
  long rw = map(RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  *(char *)rw = 1;
  E("anonymous to rx", mprotect((void *)rw, PAGE, RX));
  long fresh = map(RX, MAP_PRIVATE, ro);
  E("file rx to rwx", mprotect((void *)fresh, PAGE, RWX));
  E("file rx to rw", mprotect((void *)fresh, PAGE, RW));
  E("unwritten back to rx", mprotect((void *)fresh, PAGE, RX));
  E("file rx to rw", mprotect((void *)fresh, PAGE, RW));
  *(char *)fresh = 1;
  E("written back to rx", mprotect((void *)fresh, PAGE, RX));
  long plain = map(PROT_READ, MAP_PRIVATE, ro);
  E("file r to rx", mprotect((void *)plain, PAGE, RX));
  int self = open("/proc/self/mem", O_RDWR, 0);
  E("write to code by /proc/self/mem", pwrite(self, "\1", 1, plain));
  E("stack to rwx", mprotect((void *)((long)&self & -PAGE), PAGE, RWX));
  int id = SC(shmget, 0, PAGE, 0600);
  long at = SC(shmat, id, 0, 0100000);
  E("shmat executable", at);
  SC(shmctl, id, 0, 0);
}
