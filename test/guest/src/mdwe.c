// PR_SET_MDWE(2const): no mapping that is writable and executable, none that becomes executable; inherited by fork and exec unless said otherwise.
#include "mm.h"
#include <linux/prctl.h>
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif
#define REFUSE 1
#define NO_INHERIT 2
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define RWX (RW | PROT_EXEC)
static long map(long prot, long flags, int fd) { return (long)mmap(0, PAGE, prot, flags, fd, 0); }
static void tries(const char *when, int file) {
  printf("%s: mdwe %ld\n", when, prctl(PR_GET_MDWE, 0, 0, 0, 0));
  E("  anonymous rwx", map(RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1));
  E("  anonymous wx", map(PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1));
  E("  anonymous rx", map(RX, MAP_PRIVATE | MAP_ANONYMOUS, -1));
  E("  shared rwx", map(RWX, MAP_SHARED | MAP_ANONYMOUS, -1));
  E("  file rwx", map(RWX, MAP_PRIVATE, file));
  E("  file shared rwx", map(RWX, MAP_SHARED, file));
  long rx = map(RX, MAP_PRIVATE, file), rw = map(RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  E("  rw to rx", mprotect((void *)rw, PAGE, RX));
  E("  rw to x", mprotect((void *)rw, PAGE, PROT_EXEC));
  E("  rx to rwx", mprotect((void *)rx, PAGE, RWX));
  E("  rx to rx", mprotect((void *)rx, PAGE, RX));
  E("  rx to x", mprotect((void *)rx, PAGE, PROT_EXEC));
  E("  x to rw", mprotect((void *)rx, PAGE, RW));
  E("  and back to rx", mprotect((void *)rx, PAGE, RX));
  E("  none to rx", mprotect((void *)map(PROT_NONE, MAP_PRIVATE, file), PAGE, RX));
  munmap((void *)rx, PAGE);
  munmap((void *)rw, PAGE);
}
static int child(void *a) {
  printf("%s: mdwe %ld\n", (char *)a, prctl(PR_GET_MDWE, 0, 0, 0, 0));
  return 0;
}
static int no_inherit(void *a) {
  E("no inherit", prctl(PR_SET_MDWE, REFUSE | NO_INHERIT, 0, 0, 0));
  child("who says so");
  E("then inherit", prctl(PR_SET_MDWE, REFUSE, 0, 0, 0));
  reap("child", spawn(child, "its child"));
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) return child("after exec");
  int file = open("f", O_RDWR | O_CREAT, 0755);
  ftruncate(file, PAGE);
  tries("before", file);
  E("unknown bit", prctl(PR_SET_MDWE, 4, 0, 0, 0));
  E("no inherit alone", prctl(PR_SET_MDWE, NO_INHERIT, 0, 0, 0));
  E("third argument", prctl(PR_SET_MDWE, REFUSE, 1, 0, 0));
  E("fourth argument", prctl(PR_SET_MDWE, REFUSE, 0, 1, 0));
  E("fifth argument", prctl(PR_SET_MDWE, REFUSE, 0, 0, 1));
  E("get with argument", prctl(PR_GET_MDWE, 1, 0, 0, 0));
  E("nothing to nothing", prctl(PR_SET_MDWE, 0, 0, 0, 0));
  reap("a child", spawn(no_inherit, 0));
  E("set", prctl(PR_SET_MDWE, REFUSE, 0, 0, 0));
  E("again", prctl(PR_SET_MDWE, REFUSE, 0, 0, 0));
  E("unset", prctl(PR_SET_MDWE, 0, 0, 0, 0));
  E("less", prctl(PR_SET_MDWE, REFUSE | NO_INHERIT, 0, 0, 0));
  tries("after", file);
  reap("child", spawn(child, "child"));
  char *args[] = { argv[0], "again", 0 };
  E("exec", execve("/proc/self/exe", args, environ));
}
