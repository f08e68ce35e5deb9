// oracle: man
// riscv_hwprobe (Documentation/arch/riscv/hwprobe.rst): base behaviour, IMA, FD and C; unknown keys become -1; errors. AT_HWCAP letters.
#include "t.h"
#include <linux/auxvec.h>
int main(void) {
  struct {
    i64 key;
    u64 value;
  } p[4] = { { 3, 0 }, { 4, 0 }, { 9999, 5 }, { 0, 0 } };
  E("probe", __sc((long)p, 4, 0, 0, 0, 0, 258));
  printf("base IMA %lu\n", p[0].value & 1);
  printf("FD %lu C %lu\n", p[1].value & 1, (p[1].value >> 1) & 1);
  printf("unknown key %ld value %lu\n", p[2].key, p[2].value);
  printf("vendor key kept %ld\n", p[3].key);
  E("flags", __sc((long)p, 4, 0, 0, 2, 0, 258));
  E("bad pointer", __sc(8, 1, 0, 0, 0, 0, 258));
  u64 h = getauxval(AT_HWCAP);
  printf("hwcap i %lu m %lu a %lu f %lu d %lu c %lu\n", (h >> 8) & 1, (h >> 12) & 1, h & 1, (h >> 5) & 1, (h >> 3) & 1, (h >> 2) & 1);
}
