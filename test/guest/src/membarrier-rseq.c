// membarrier(2), rseq(2): queries and commands; registration errors as in Linux.
#include "t.h"
int main(void) {
  long q = SC(membarrier, 0, 0, 0);
  printf("query has global %ld private %ld register %ld\n", q & 1, (q >> 3) & 1, (q >> 4) & 1);
  E("global", SC(membarrier, 1, 0, 0));
  E("private unregistered", SC(membarrier, 8, 0, 0));
  E("register", SC(membarrier, 16, 0, 0));
  E("private", SC(membarrier, 8, 0, 0));
  E("bad command", SC(membarrier, 1 << 30, 0, 0));
  E("bad flags", SC(membarrier, 1, 64, 0));
  static u8 area[64] __attribute__((aligned(32)));
  E("unaligned", SC(rseq, area + 4, 32, 0, 0x53053053));
  E("bad length", SC(rseq, area, 16, 0, 0x53053053));
  E("bad flags", SC(rseq, area, 32, 8, 0x53053053));
  E("unregister first", SC(rseq, area, 32, 1, 0x53053053));
  E("register", SC(rseq, area, 32, 0, 0x53053053));
  u32 *r = (u32 *)area;
  printf("cpu id filled %d\n", r[0] == r[1] && r[0] < 64);
  E("twice", SC(rseq, area, 32, 0, 0x53053053));
  E("wrong signature", SC(rseq, area, 32, 1, 1));
  E("unregister", SC(rseq, area, 32, 1, 0x53053053));
}
