// oracle: qemu
// sigreturn(2) on riscv64: integer and floating-point registers and fcsr survive a handler that overwrites them all.
#include "t.h"
static void h(int s) {
  __asm__ volatile(
      "fmv.d.x fs0, zero\nfmv.d.x fs1, zero\nfmv.d.x ft0, zero\nfmv.d.x fa0, zero\nfmv.d.x ft11, zero\nli t0, 0xff\nfscsr t0" ::
          : "t0", "fs0", "fs1", "ft0", "fa0", "ft11");
}
int main(void) {
  sigact(SIGUSR1, h, 0, 0);
  u64 a = 0x3ff0000000000001, b = 0x4000000000000002, out[5] = { 0 }, fcsr = 0;
  long pid = getpid(), r;
  __asm__ volatile(
      "li t0, 0x65\nfscsr t0\nfmv.d.x fs0, %[a]\nfmv.d.x fs1, %[b]\nfmv.d.x ft0, %[a]\nfmv.d.x fa0, %[b]\nfmv.d.x ft11, %[a]\n"
      "mv a0, %[pid]\nli a1, 10\nli a7, 129\necall\nmv %[r], a0\n"
      "frcsr %[fcsr]\nfsd fs0, 0(%[out])\nfsd fs1, 8(%[out])\nfsd ft0, 16(%[out])\nfsd fa0, 24(%[out])\nfsd ft11, 32(%[out])\nfscsr zero\n"
      : [r] "=&r"(r), [fcsr] "=&r"(fcsr)
      : [a] "r"(a), [b] "r"(b), [pid] "r"(pid), [out] "r"(out)
      : "a0", "a1", "a7", "t0", "fs0", "fs1", "ft0", "fa0", "ft11", "memory");
  printf("kill %ld fcsr %lx\n", r, fcsr);
  for (int i = 0; i < 5; i++) printf("%lx\n", out[i]);
}
