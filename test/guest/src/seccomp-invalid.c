// seccomp(2): filters that must be refused (EINVAL, EFAULT), the limits, SECCOMP_GET_ACTION_AVAIL and SECCOMP_GET_NOTIF_SIZES.
#include "seccomp.h"
#define INS(code, k) { code, 0, 0, k }
#define JMP(code, k, t, f) { code, t, f, k }
static void action(const char *label, u32 a) { E(label, SC(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &a)); }
int main(void) {
  no_new_privs();
  struct sock_fprog p = { 0, NULL };
  E("empty", SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, &p));
  p.len = 4097;
  E("too long", SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, &p));
  p.len = 1;
  E("null filter", SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, &p));
  E("null program", SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL));
  E("unknown flag", FILTER_FLAGS(0x4000, RET(SECCOMP_RET_ALLOW)));
  E("listener and tsync", FILTER_FLAGS(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER, RET(SECCOMP_RET_ALLOW)));
  E("killable without listener", FILTER_FLAGS(32, RET(SECCOMP_RET_ALLOW)));
  E("no return", FILTER(LD(0)));
  E("load unaligned", FILTER(LD(2), RET(0)));
  E("load behind", FILTER(LD(64), RET(0)));
  E("load a half", FILTER(INS(BPF_LD | BPF_H | BPF_ABS, 0), RET(0)));
  E("load indirect", FILTER(INS(BPF_LD | BPF_W | BPF_IND, 0), RET(0)));
  E("packet header", FILTER(INS(BPF_LDX | BPF_B | BPF_MSH, 0), RET(0)));
  E("modulo", FILTER(INS(BPF_ALU | BPF_MOD | BPF_K, 3), RET(0)));
  E("divide by zero", FILTER(INS(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0)));
  E("shift by 32", FILTER(INS(BPF_ALU | BPF_LSH | BPF_K, 32), RET(0)));
  E("memory 16", FILTER(INS(BPF_ST, 16), RET(0)));
  E("unwritten memory", FILTER(INS(BPF_LD | BPF_MEM, 0), RET(0)));
  E("memory written on one way", FILTER(LD(0), JMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1), INS(BPF_ST, 0), INS(BPF_LD | BPF_MEM, 0), RET(0)));
  E("jump behind", FILTER(INS(BPF_JMP | BPF_JA, 1), RET(0)));
  E("jump far", FILTER(INS(BPF_JMP | BPF_JA, 0xffffffff), RET(0)));
  E("branch behind", FILTER(LD(0), JMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 5), RET(0)));
  E("nonsense", FILTER(INS(0x1234, 0), RET(0)));
  E("memory written on both ways", FILTER(LD(0), INS(BPF_ST, 3), JMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0), INS(BPF_LD | BPF_MEM, 3), RET(SECCOMP_RET_ALLOW)));
  E("length and index", FILTER(INS(BPF_LD | BPF_W | BPF_LEN, 0), INS(BPF_MISC | BPF_TAX, 0), INS(BPF_MISC | BPF_TXA, 0), JMP(BPF_JMP | BPF_JEQ | BPF_K, 64, 0, 1), RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_KILL_PROCESS)));
  static struct sock_filter many[4096];
  for (int i = 0; i < 4096; i++) many[i] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
  p = (struct sock_fprog){ 4096, many };
  int n = 0;
  long r;
  while ((r = SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, &p)) == 0) n++;
  printf("long filters %s, then %s\n", n > 0 && n < 9 ? "fit" : "do not fit", err(r)); // Linux counts them in its own translation
  action("kill process", SECCOMP_RET_KILL_PROCESS);
  action("kill thread", SECCOMP_RET_KILL_THREAD);
  action("trap", SECCOMP_RET_TRAP);
  action("errno", SECCOMP_RET_ERRNO);
  action("notify", SECCOMP_RET_USER_NOTIF);
  action("trace", SECCOMP_RET_TRACE);
  action("log", SECCOMP_RET_LOG);
  action("allow", SECCOMP_RET_ALLOW);
  action("other", 0x10000);
  E("null action", SC(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL));
  E("action with flags", SC(seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &n));
  u16 sizes[3];
  E("sizes", SC(seccomp, SECCOMP_GET_NOTIF_SIZES, 0, sizes));
  printf("%d %d %d\n", sizes[0], sizes[1], sizes[2]);
  cat("actions", "/proc/sys/kernel/seccomp/actions_avail");
}
