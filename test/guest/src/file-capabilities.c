// capabilities(7): file capabilities at exec, ambient ones, securebits, no_new_privs, root; AT_SECURE; who may set the attribute and when it goes.
#include "t.h"
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/securebits.h>
#include <linux/auxvec.h>
static struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
static struct __user_cap_data_struct d[2];
#define BIT(c) (1u << (c))
struct fcap { u32 magic, permitted, inheritable, permitted_hi, inheritable_hi; };
static long setfile(const char *p, u32 permitted, u32 inheritable, int effective) {
  struct fcap c = { 0x02000000 | effective, permitted, inheritable };
  return SC(setxattr, p, "security.capability", &c, sizeof c, 0);
}
static void report(void) {
  printf("  euid %d p %s e %s i %s a %s secure %ld dumpable %ld\n", (int)SC(geteuid), field("/proc/self/status", "CapPrm"), field("/proc/self/status", "CapEff"),
         field("/proc/self/status", "CapInh"), field("/proc/self/status", "CapAmb"), getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE));
}
static void caps(u32 p, u32 e, u32 i) {
  SC(capget, &h, d);
  d[0].permitted = p;
  d[0].effective = e;
  d[0].inheritable = i;
  d[1].permitted = d[1].effective = d[1].inheritable = 0;
  E("capset", SC(capset, &h, d));
}
static void user(u32 keep) {
  prctl(PR_SET_KEEPCAPS, 1);
  SC(setresgid, 7, 7, 7);
  SC(setresuid, 7, 7, 7);
  caps(keep, keep, keep);
}
static const char *target;
static int run(const char *label) {
  char *argv[] = { "prog", (char *)label, NULL };
  E("exec", execve(target, argv, environ));
  return 0;
}
static int as_user(void *a) { user(0); return run("user"); }
static int with_ambient(void *a) {
  user(BIT(CAP_NET_RAW) | BIT(CAP_KILL));
  E("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0));
  return run("ambient");
}
static int with_inheritable(void *a) { user(BIT(CAP_KILL)); return run("inheritable"); }
static int nnp(void *a) {
  user(0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return run("no_new_privs");
}
static int bounded(void *a) {
  E("drop", prctl(PR_CAPBSET_DROP, CAP_NET_RAW));
  user(0);
  return run("bounded");
}
static int noroot(void *a) {
  E("securebits", prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_KEEP_CAPS));
  int r = run("noroot");
  return r;
}
static int rooted(void *a) { return run("root"); }
static int unset(void *a) {
  SC(capget, &h, d);
  d[0].effective &= ~BIT(31);
  SC(capset, &h, d);
  E("set without CAP_SETFCAP", setfile(target, 0, 0, 0));
  E("remove without CAP_SETFCAP", SC(removexattr, target, "security.capability"));
  return 0;
}
static void all(const char *label) {
  printf("%s\n", label);
  reap("user", spawn(as_user, 0));
  reap("ambient", spawn(with_ambient, 0));
  reap("inheritable", spawn(with_inheritable, 0));
  reap("no_new_privs", spawn(nnp, 0));
  reap("bounded", spawn(bounded, 0));
  reap("noroot", spawn(noroot, 0));
}
static void copy(const char *to) {
  static char b[65536];
  int in = open("/tmp/prog", O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
  long n;
  while ((n = read(in, b, sizeof b)) > 0) write(out, b, n);
  close(in);
  close(out);
}
int main(int argc, char **argv) {
  if (argc > 1) {
    printf(" %s\n", argv[1]);
    report();
    return 0;
  }
  prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE); // which some hosts do not have
  target = "p";
  copy("p");
  all("plain");
  E("set", setfile("p", BIT(CAP_NET_RAW) | BIT(CAP_CHOWN), BIT(CAP_KILL), 1));
  all("effective");
  reap("unset", spawn(unset, 0));
  E("set", setfile("p", BIT(CAP_NET_RAW) | BIT(CAP_CHOWN), BIT(CAP_KILL), 0));
  all("permitted only");
  chmod("p", 04755);
  all("set-user-ID root with file capabilities");
  E("remove", SC(removexattr, "p", "security.capability"));
  all("set-user-ID root");
  // When it goes.
  struct fcap c;
  copy("q");
  setfile("q", 1, 0, 0);
  E("there", SC(getxattr, "q", "security.capability", &c, sizeof c) == 20 ? 0 : -1);
  int fd = open("q", O_WRONLY | O_APPEND);
  write(fd, "x", 1);
  close(fd);
  E("after a write", SC(getxattr, "q", "security.capability", &c, sizeof c));
  setfile("q", 1, 0, 0);
  chown("q", 7, 7);
  E("after chown", SC(getxattr, "q", "security.capability", &c, sizeof c));
  setfile("q", 1, 0, 0);
  truncate("q", 100);
  E("after truncate", SC(getxattr, "q", "security.capability", &c, sizeof c));
  c = (struct fcap){ 0x02000000 };
  E("short", SC(setxattr, "q", "security.capability", &c, 12, 0));
  c.magic = 0x05000000;
  E("revision", SC(setxattr, "q", "security.capability", &c, 20, 0));
  c.magic = 0x02000004;
  E("flags", SC(setxattr, "q", "security.capability", &c, 20, 0));
  // no rights from a nosuid mount
  mkdir("m", 0755);
  SC(mount, "none", "m", "tmpfs", 2, 0);
  copy("m/p");
  setfile("m/p", BIT(CAP_NET_RAW), 0, 1);
  target = "m/p";
  reap("nosuid", spawn(as_user, 0));
}
