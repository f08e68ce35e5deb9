// One of eight parts: part_N() sums every Nth entry of the generated table.
#include "table.h"
#define JOIN(a, b) a##b
#define NAME(n) JOIN(part_, n)
int NAME(N)(void) {
  int sum = 0;
  for (unsigned i = 0; i < sizeof table / sizeof *table; i += N) sum += table[i];
  return sum;
}
