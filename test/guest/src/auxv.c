// getauxval(3): the auxiliary vector's entries that a C library builds on.
#include "t.h"
#include <linux/auxvec.h>
int main(int argc, char **argv) {
  V("AT_PAGESZ", getauxval(AT_PAGESZ));
  V("AT_CLKTCK", getauxval(AT_CLKTCK));
  V("AT_PHENT", getauxval(AT_PHENT));
  V("AT_SECURE", getauxval(AT_SECURE));
  V("AT_UID", getauxval(AT_UID));
  V("AT_EGID", getauxval(AT_EGID));
  V("AT_BASE", getauxval(AT_BASE));
  extern void _start(void);
  printf("AT_ENTRY %d\n", getauxval(AT_ENTRY) == (long)_start);
  extern const char __ehdr_start[] __attribute__((visibility("hidden")));
  printf("AT_PHDR %d\n", getauxval(AT_PHDR) == (long)__ehdr_start + 64);
  printf("AT_PHNUM %d\n", getauxval(AT_PHNUM) == *(u16 *)(__ehdr_start + 56));
  printf("AT_RANDOM %d\n", getauxval(AT_RANDOM) > 0);
  u64 *r = (u64 *)getauxval(AT_RANDOM);
  printf("random bytes %d\n", r[0] != 0 && r[1] != 0 && r[0] != r[1]);
  printf("AT_EXECFN %d\n", strcmp((char *)getauxval(AT_EXECFN), argv[0]) == 0);
}
