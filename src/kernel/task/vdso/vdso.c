// The vDSO: a small shared object that the kernel maps into every process (vdso(7)). tools/vdso-build.mjs compiles it into image.ts.
// What the kernel's data page answers costs no system call. Clock reads do: a trap is cheaper here than what the host takes to tell the time,
// and both ways of asking answer from one clock with one resolution.
#define HWPROBE_KEYS 64 // room in the data page (vdso.ts)

struct riscv_hwprobe { long key; unsigned long value; };

/** The page in front of the image, written by the kernel (vdso.ts): keys known, and the answer for each. */
extern const struct { unsigned long keys, value[HWPROBE_KEYS]; } vdso_data __attribute__((visibility("hidden")));

/** asm-generic/unistd.h. */
enum { NR_gettimeofday = 169, NR_clock_gettime = 113, NR_clock_getres = 114, NR_riscv_hwprobe = 258, NR_riscv_flush_icache = 259 };

static long call(long nr, long a, long b, long c, long d, long e) {
  register long a7 __asm__("a7") = nr, a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d, a4 __asm__("a4") = e;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
  return a0;
}

int __vdso_clock_gettime(int clock, void *time) { return call(NR_clock_gettime, clock, (long)time, 0, 0, 0); }
int __vdso_clock_getres(int clock, void *resolution) { return call(NR_clock_getres, clock, (long)resolution, 0, 0, 0); }
int __vdso_gettimeofday(void *time, void *zone) { return call(NR_gettimeofday, (long)time, (long)zone, 0, 0, 0); }
long __vdso_flush_icache(void *start, void *end, unsigned long flags) { return call(NR_riscv_flush_icache, (long)start, (long)end, flags, 0, 0); }

/** One hart, one node. */
int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused) {
  if (cpu) *cpu = 0;
  if (node) *node = 0;
  return 0;
}

/** Documentation/arch/riscv/hwprobe.rst: questions about all harts are answered here, special ones by the kernel. */
int __vdso_riscv_hwprobe(struct riscv_hwprobe *pairs, unsigned long count, unsigned long cpusetsize, unsigned long *cpus, unsigned flags) {
  if (flags != 0 || cpusetsize != 0 || cpus) return call(NR_riscv_hwprobe, (long)pairs, count, cpusetsize, (long)cpus, flags);
  for (struct riscv_hwprobe *p = pairs; p < pairs + count; p++) {
    if ((unsigned long)p->key < vdso_data.keys) p->value = vdso_data.value[p->key];
    else p->key = -1, p->value = 0;
  }
  return 0;
}
