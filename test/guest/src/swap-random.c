// 200 MiB of private memory, filled and then changed at random places: the checksum says that every page kept what was last written.
#include "t.h"
enum { WORDS = 200 << 17, STEP = 16 };
int main(void) {
  u64 *a = mmap(0, WORDS * 8ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if ((long)a < 0 && (long)a > -4096) return 1;
  for (u64 i = 0; i < WORDS; i += STEP) a[i] = i * 2654435761u;
  u64 x = 88172645463325252ul;
  for (int k = 0; k < 60000; k++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    u64 i = x % WORDS;
    a[i] = a[i] * 6364136223846793005ul + x;
  }
  u64 sum = 0;
  for (u64 i = 0; i < WORDS; i += STEP) sum = sum * 31 + a[i];
  printf("%x %x\n", (u32)(sum >> 32), (u32)sum);
}
