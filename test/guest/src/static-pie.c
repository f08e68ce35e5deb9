// build: pie
// execve(2): a static-pie program is placed at a random base, relocates itself, and its AT_PHDR, AT_ENTRY and AT_BASE agree.
#include "t.h"
#include <linux/auxvec.h>
static const char *words[] = { "relocated", "pointers", "work" };
static int (*fn[])(const char *, const char *) = { strcmp };
int main(void) {
  extern const char __ehdr_start[] __attribute__((visibility("hidden")));
  extern void _start(void) __attribute__((visibility("hidden")));
  for (int i = 0; i < 3; i++) printf("%s ", words[i]);
  printf("%d\n", fn[0]("a", "a"));
  printf("phdr %d entry %d base %ld\n", getauxval(AT_PHDR) == (long)__ehdr_start + 64, getauxval(AT_ENTRY) == (long)_start,
         getauxval(AT_BASE));
  printf("aligned %d high %d\n", ((u64)__ehdr_start & 4095) == 0, (u64)__ehdr_start > 0x10000);
}
