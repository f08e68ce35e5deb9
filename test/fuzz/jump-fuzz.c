// jump-fuzz [SEED] [CHILDREN]: fills pages with random bytes and jumps to them, with every fault unhandled, handled, or handled on a broken
// stack. Instructions come as noise, as bit flips of real code, and as random instructions of the standard opcodes.
#include "fuzz.h"
#include <linux/prctl.h>

static u8 *code;
static void h(int s) { exit(50 + s); }

static void fill(void) {
  u32 *w = (u32 *)code;
  static const u8 opcodes[] = { 0x03, 0x07, 0x0f, 0x13, 0x17, 0x1b, 0x23, 0x27, 0x2f, 0x33,
                                0x37, 0x3b, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x63, 0x67, 0x6f };
  int kind = below(3);
  extern const char __ehdr_start[] __attribute__((visibility("hidden")));
  for (int i = 0; i < 2 * PAGE / 4; i++) {
    if (kind == 0)
      w[i] = rnd();
    else if (kind == 1)
      w[i] = (((u32)rnd() & ~0x7fu) | opcodes[below(sizeof opcodes)]);
    else
      w[i] = ((const u32 *)__ehdr_start)[below(1000)] ^ (below(4) ? 0 : 1u << below(32));
  }
  // An ecall is the other fuzzer's business, and exit would end the fun early.
  if (kind != 0)
    for (int i = 0; i < 2 * PAGE / 4; i++)
      if (w[i] == 0x73) w[i] = 0x13;
}

static int child(void *arg) {
  static const char sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS };
  int how = below(4);
  if (how)
    for (unsigned i = 0; i < sizeof sigs; i++) sigact(sigs[i], h, how == 2 ? SA_ONSTACK : how == 3 ? SA_NODEFER : 0, 0);
  stack_t ss = { .ss_sp = code + 12 * PAGE, .ss_size = 4 * PAGE };
  if (how == 2) SC(sigaltstack, &ss, 0);
  fill();
#ifdef __riscv
  SC(riscv_flush_icache, code, code + 2 * PAGE, 0);
#endif
  struct {
    u64 cur, max;
  } cpu = { 1, 1 }, mem = { 256 * MB, 256 * MB }, one = { 64, 64 }, size = { MB, MB };
  prlimit(0, RLIMIT_CPU, &cpu, 0);
  prlimit(0, RLIMIT_AS, &mem, 0);
  prlimit(0, RLIMIT_NPROC, &one, 0);
  prlimit(0, RLIMIT_FSIZE, &size, 0);
  close(0);
  close(1);
  close(2);
  ((void (*)(u64, u64, u64))(code + below(2 * PAGE / 4) * 2))(rnd(), (u64)code, below(100));
  return 1;
}

int main(int argc, char **argv) {
  u64 s = number(argc > 1 ? argv[1] : NULL, 1);
  long n = number(argc > 2 ? argv[2] : NULL, 100), faults = 0, exits = 0;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  private_world();
  code = mmap(0, 16 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (long i = 0; i < n; i++) {
    seed(s + i);
    long pid = fork();
    if (pid == 0) {
      setsid();
      SC(setresuid, 1000, 1000, 1000);
      exit(child(0));
    }
    int st = end_within(pid, 1500);
    if (st & 0x7f)
      faults++;
    else
      exits++;
    reap_orphans();
  }
  leave_world();
  printf("jump-fuzz: seed %lu children %ld exited %ld %s\n", s, n, exits, faults + exits == n ? "all ended" : "LOST");
  return 0;
}
