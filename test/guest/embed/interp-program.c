// build: -Wl,--no-gc-sections
// The program that the loader of ours starts: a static program with a PT_INTERP header of its own making.
#include "t.h"
#include <linux/auxvec.h>
int main(int argc, char **argv) {
  printf("program: argv[1] %s, AT_PHNUM has interp %d, AT_BASE set %d\n", argv[1], getauxval(AT_PHNUM) >= 3, getauxval(AT_BASE) != 0);
  return 17;
}
__attribute__((section(".interp"), used)) static const char interp[] = "./loader";
