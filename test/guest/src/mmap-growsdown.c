// mmap(2): MAP_GROWSDOWN grows on touch below; mremap of size 0 duplicates a shared mapping; MAP_LOCKED, MAP_STACK, MAP_POPULATE are
// accepted.
#include "t.h"
int main(void) {
  char *area = mmap(0, 600 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(area, 600 * PAGE);
  char *p = mmap(area + 500 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
  for (int i = 0; i < 10; i++) p[-i * PAGE] = i;
  printf("grew %d\n", p[-9 * PAGE]);
  FAULT("above", p, p[PAGE] = 1);
  char *s = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  s[5] = 42;
  char *t = mremap(s, 0, 2 * PAGE, MREMAP_MAYMOVE);
  printf("duplicate %d", t != s && t[5] == 42);
  t[6] = 43;
  printf(" shared %d\n", s[6]);
  E("of a private one", mremap(mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 0, PAGE, MREMAP_MAYMOVE));
  E("LOCKED", mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));
  E("STACK", mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
  E("POPULATE PROT_NONE", mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
  E("VALIDATE unknown", mmap(0, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x8000000 | MAP_ANONYMOUS, -1, 0));
}
