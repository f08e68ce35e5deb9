// Calls all eight parts.
#include <stdio.h>
#include "table.h"
#define EACH(f) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8)
#define DECLARE(n) int part_##n(void);
#define PRINT(n) printf("%d ", part_##n());
EACH(DECLARE)
int main(void) {
  EACH(PRINT)
  printf("of %zu\n", sizeof table / sizeof *table);
}
