// oracle: qemu
// RISC-V F and D: rounding modes and flags belong to the task and survive fork, threads start clean enough to compute; NaN boxing,
// canonical NaN.
#include "t.h"
static int child(void *a) {
  u64 f;
  __asm__ volatile("frcsr %0" : "=r"(f));
  printf("child fcsr %lx\n", f);
  return 0;
}
int main(void) {
  double one = 1, three = 3, r;
  u64 b, f;
  static const char *names[] = { "RNE", "RTZ", "RDN", "RUP", "RMM" };
  for (int rm = 0; rm < 5; rm++) {
    __asm__ volatile("fsrm %2\nfsflags zero\nfdiv.d %0, %3, %4\nfrflags %1" : "=&f"(r), "=&r"(f) : "r"(rm), "f"(one), "f"(three));
    memcpy(&b, &r, 8);
    printf("%s %lx flags %lx\n", names[rm], b, f);
  }
  __asm__ volatile("fsrm %0\nfsflags %1" ::"r"(2l), "r"(1l));
  reap("child", spawn(child, 0));
  __asm__ volatile("frcsr %0\nfscsr zero" : "=r"(f));
  printf("parent fcsr %lx\n", f);
  u64 nan = 0x7ff0000000000001;
  __asm__ volatile("fsflags zero\nfmv.d.x ft0, %2\nfadd.d ft0, ft0, ft0\nfmv.x.d %0, ft0\nfrflags %1"
                   : "=&r"(b), "=&r"(f)
                   : "r"(nan)
                   : "ft0");
  printf("signalling NaN gives %lx flags %lx\n", b, f);
  __asm__ volatile("fmv.d.x ft0, %1\nfadd.s ft0, ft0, ft0\nfmv.x.d %0, ft0" : "=&r"(b) : "r"(0x3f8000003f800000) : "ft0");
  printf("unboxed single gives %lx\n", b);
  __asm__ volatile("fmv.w.x ft0, %1\nfmv.x.d %0, ft0" : "=&r"(b) : "r"(0x3f800000) : "ft0");
  printf("boxed %lx\n", b);
  long l;
  __asm__ volatile("fcvt.l.d %0, %1, rtz" : "=r"(l) : "f"(1e300));
  printf("too big %lx\n", l);
  __asm__ volatile("fmv.d.x ft0, %1\nfcvt.w.d %0, ft0, rtz" : "=r"(l) : "r"(nan) : "ft0");
  printf("NaN to w %ld\n", l);
}
