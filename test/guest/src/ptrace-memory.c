// ptrace(2): PTRACE_PEEKDATA and POKEDATA go against the mapping's protection, into private copies; what is not mapped answers EIO.
#include "pt.h"
static const char text[4096] __attribute__((aligned(4096))) = "read-only";
static long word = 0x1122334455667788;
static int __attribute__((noinline, aligned(64))) answer(void) {
  static volatile int n = 1;
  return n;
}
static int child(void *shared) {
  PT(TRACEME, 0, 0, 0);
  printf("before: %s %d\n", text, answer());
  raise(SIGSTOP);
  printf("after: %s %lx, mapping %s\n", text, word, (char *)shared);
  return 0;
}
int main(void) {
  char *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *gap = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *none = mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(gap + PAGE, PAGE);
  strcpy(shared, "shared");
  mprotect(shared, PAGE, PROT_READ);
  long pid = spawn(child, shared);
  event("stopped", pid);
  long v = 0;
  E("peek", PT(PEEKDATA, pid, &word, &v));
  printf("%lx\n", v);
  E("peek unaligned", PT(PEEKTEXT, pid, (char *)&word + 1, &v));
  printf("%lx\n", v & 0xffffffffffffff);
  E("peek nothing", PT(PEEKDATA, pid, 16, &v));
  E("peek over the end", PT(PEEKDATA, pid, gap + PAGE - 4, &v));
  E("peek none", PT(PEEKDATA, pid, none, &v));
  E("bad place for it", PT(PEEKDATA, pid, &word, 16));
  E("poke", PT(POKEDATA, pid, &word, 0x8877665544332211));
  memcpy(&v, "POKED-ON", 8);
  E("poke read-only", PT(POKETEXT, pid, text, v));
  E("poke shared read-only", PT(POKEDATA, pid, shared, v));
  E("poke nothing", PT(POKEDATA, pid, 16, v));
  PT(CONT, pid, 0, 0);
  event("end", pid);
  printf("mine: %s %lx\n", text, word);
}
