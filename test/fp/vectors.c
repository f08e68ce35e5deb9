/* Floating-point vectors from a real RV64GC: reads lines "op a b c" (register contents, hex), runs the op under all five rounding modes and prints
 * "op a b c r0 f0 ... r4 f4" (destination register, fflags). Freestanding about everything but stdio. Recorded by tools/record-fp.mjs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t u64;
struct out { u64 result, flags; };

#define BODY(instruction) \
  struct out o; \
  __asm__ volatile("fmv.d.x ft0, %2\n fmv.d.x ft1, %3\n fmv.d.x ft2, %4\n fsrm %5\n fsflags x0\n" instruction "\n frflags %1\n fmv.x.d %0, ft3\n fsrm x0" \
    : "=&r"(o.result), "=&r"(o.flags) : "r"(a), "r"(b), "r"(c), "r"(rm) : "ft0", "ft1", "ft2", "ft3"); \
  return o;
#define BODY_X(instruction) \
  struct out o; \
  __asm__ volatile("fmv.d.x ft0, %2\n fmv.d.x ft1, %3\n fsrm %4\n fsflags x0\n" instruction "\n frflags %1\n fsrm x0" \
    : "=&r"(o.result), "=&r"(o.flags) : "r"(a), "r"(b), "r"(rm) : "ft0", "ft1"); \
  return o;

/* row(kind, C identifier, mnemonic): F f<-f,f,f  G f<-f,f  H f<-f  X x<-f  Y x<-f,f  I f<-x */
#define BOTH(row) FORMAT(row, s, w) FORMAT(row, d, d) row(H, fcvt_s_d, "fcvt.s.d") row(H, fcvt_d_s, "fcvt.d.s")
#define FORMAT(row, f, m) \
  row(G, fadd_##f, "fadd." #f) row(G, fsub_##f, "fsub." #f) row(G, fmul_##f, "fmul." #f) row(G, fdiv_##f, "fdiv." #f) row(H, fsqrt_##f, "fsqrt." #f) \
  row(F, fmadd_##f, "fmadd." #f) row(F, fmsub_##f, "fmsub." #f) row(F, fnmsub_##f, "fnmsub." #f) row(F, fnmadd_##f, "fnmadd." #f) \
  row(X, fcvt_w_##f, "fcvt.w." #f) row(X, fcvt_wu_##f, "fcvt.wu." #f) row(X, fcvt_l_##f, "fcvt.l." #f) row(X, fcvt_lu_##f, "fcvt.lu." #f) \
  row(I, fcvt_##f##_w, "fcvt." #f ".w") row(I, fcvt_##f##_wu, "fcvt." #f ".wu") row(I, fcvt_##f##_l, "fcvt." #f ".l") row(I, fcvt_##f##_lu, "fcvt." #f ".lu") \
  row(G, fsgnj_##f, "fsgnj." #f) row(G, fsgnjn_##f, "fsgnjn." #f) row(G, fsgnjx_##f, "fsgnjx." #f) row(G, fmin_##f, "fmin." #f) row(G, fmax_##f, "fmax." #f) \
  row(Y, feq_##f, "feq." #f) row(Y, flt_##f, "flt." #f) row(Y, fle_##f, "fle." #f) row(X, fclass_##f, "fclass." #f) \
  row(X, fmv_x_##m, "fmv.x." #m) row(I, fmv_##m##_x, "fmv." #m ".x")

#define F(name) BODY(name " ft3, ft0, ft1, ft2")
#define G(name) BODY(name " ft3, ft0, ft1")
#define H(name) BODY(name " ft3, ft0")
#define I(name) BODY(name " ft3, %2")
#define X(name) BODY_X(name " %0, ft0")
#define Y(name) BODY_X(name " %0, ft0, ft1")

#define FUNCTION(kind, id, name) static struct out run_##id(u64 a, u64 b, u64 c, u64 rm) { (void)b; (void)c; kind(name) }
BOTH(FUNCTION)

static const struct { const char *name; struct out (*run)(u64, u64, u64, u64); } OPS[] = {
#define ROW(kind, id, name) { name, run_##id },
  BOTH(ROW)
};

int main(void) {
  char name[16];
  u64 a, b, c;
  while (scanf("%15s %" SCNx64 " %" SCNx64 " %" SCNx64, name, &a, &b, &c) == 4) {
    size_t i = 0;
    while (i < sizeof OPS / sizeof *OPS && strcmp(OPS[i].name, name) != 0) i++;
    if (i == sizeof OPS / sizeof *OPS) { fprintf(stderr, "no op %s\n", name); return 1; }
    printf("%s %" PRIx64 " %" PRIx64 " %" PRIx64, name, a, b, c);
    for (u64 rm = 0; rm < 5; rm++) {
      struct out o = OPS[i].run(a, b, c, rm);
      printf(" %" PRIx64 " %" PRIx64, o.result, o.flags);
    }
    putchar('\n');
  }
  return 0;
}
