// Attacks of an unprivileged process on a privileged one, its files and the kernel's settings (SECURITY.md, "Users against each other"): each line
// is an attempt and how it ends.
#include "t.h"
#include <linux/openat2.h>
#include <linux/ptrace.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/futex.h>
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif
static long root_pid;
static int secret_fd, shut_fd;
static struct gate ready;
static const char *of(const char *name) {
  static char b[4][64];
  static int n;
  char *p = b[n++ & 3];
  snprintf(p, 64, "/proc/%ld/%s", root_pid, name);
  return p;
}
static int victim(void *a) {
  must(dup3(secret_fd, 70, 0));
  gate_open(&ready);
  for (;;) msleep(1000);
}
static long open2(int dir, const char *p, u64 resolve, u64 flags) {
  struct open_how h = { .flags = flags, .resolve = resolve };
  return SC(openat2, dir, p, &h, sizeof h);
}
static int attacker(void *a) {
  char b[64];
  SC(setgroups, 0, NULL);
  must(SC(setresgid, 7, 7, 7));
  must(SC(setresuid, 7, 7, 7));
  // files of root
  E("open the secret", open("secret", O_RDONLY));
  E("through the victim's descriptor", open(of("fd/70"), O_RDONLY));
  E("through its root", open(of("root/tmp"), O_RDONLY | O_DIRECTORY));
  E("through its directory", open(of("cwd"), O_RDONLY | O_DIRECTORY));
  E("reopen a read-only descriptor for writing", open("/proc/self/fd/71", O_WRONLY));
  E("add O_RDWR by F_SETFL", fcntl(71, F_SETFL, O_RDWR) == 0 ? write(71, "x", 1) : -1);
  E("truncate it by descriptor", ftruncate(71, 0));
  E("map it shared and writable", mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 71, 0) == (void *)-13 ? -13 : 0);
  E("make the private mapping shared later", mprotect(mmap(0, PAGE, PROT_READ, MAP_SHARED, 71, 0), PAGE, PROT_READ | PROT_WRITE));
  E("remove from a sticky directory", unlink("sticky/root"));
  E("rename in a sticky directory", rename("sticky/root", "sticky/mine"));
  E("replace in a sticky directory", (put("sticky/own", "x"), rename("sticky/own", "sticky/root")));
  E("set-user-ID on root's file", chmod("prog", 04755));
  E("give a file to root", (put("sticky/gift", "x"), chown("sticky/gift", 0, 0)));
  E("take root's file", chown("public", 7, 7));
  E("link by descriptor", linkat(71, "", AT_FDCWD, "sticky/stolen", AT_EMPTY_PATH));
  E("device node", mknod("sticky/mem", S_IFCHR | 0666, makedev(1, 1)));
  E("immutable flag", ({ int f = open("sticky/gift", O_RDONLY), v = 0x10; ioctl(f, 0x40086602, &v); }));
  // paths that lead out
  int jail = open("jail", O_PATH | O_DIRECTORY);
  E("dots beneath", open2(jail, "../public", RESOLVE_BENEATH, O_RDONLY));
  E("link beneath", open2(jail, "out", RESOLVE_BENEATH, O_RDONLY));
  E("absolute beneath", open2(jail, "/public", RESOLVE_BENEATH, O_RDONLY));
  E("dots in root", open2(jail, "../../../inside", RESOLVE_IN_ROOT, O_RDONLY));
  E("magic link", open2(AT_FDCWD, "/proc/self/root", RESOLVE_NO_MAGICLINKS, O_PATH));
  E("loop of links", open("loop1", O_RDONLY));
  // the process
  E("ptrace attach", SC(ptrace, PTRACE_ATTACH, root_pid, 0, 0));
  E("ptrace seize", SC(ptrace, PTRACE_SEIZE, root_pid, 0, 0));
  struct iovec l = { b, 8 }, r = { (void *)0x10000, 8 };
  E("process_vm_readv", SC(process_vm_readv, root_pid, &l, 1, &r, 1, 0));
  E("process_vm_writev", SC(process_vm_writev, root_pid, &l, 1, &r, 1, 0));
  E("mem", open(of("mem"), O_RDWR));
  E("environ", open(of("environ"), O_RDONLY) < 0 ? -13 : 0);
  E("auxv", open(of("auxv"), O_RDONLY) < 0 ? -13 : 0);
  E("exe", readlink(of("exe"), b, 64));
  E("kill", kill(root_pid, SIGKILL));
  E("tgkill", tgkill(root_pid, root_pid, SIGKILL));
  siginfo_t si = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
  E("sigqueue", SC(rt_sigqueueinfo, root_pid, SIGUSR1, &si));
  si.si_code = SI_KERNEL;
  E("spoof the kernel to a child", ({ long c = fork(); if (c == 0) for (;;) msleep(100); long e = SC(rt_sigqueueinfo, c, SIGUSR1, &si); kill(c, SIGKILL); waitpid(c, NULL, 0); e; }));
  long pfd = SC(pidfd_open, root_pid, 0);
  E("pidfd signal", SC(pidfd_send_signal, pfd, SIGKILL, NULL, 0));
  E("pidfd descriptor", SC(pidfd_getfd, pfd, 70, 0) == -38 ? -1 : SC(pidfd_getfd, pfd, 70, 0));
  struct rlimit64 { u64 soft, hard; } lim = { 10, 10 }, none = { 0, 0 };
  E("prlimit", prlimit(root_pid, RLIMIT_NOFILE, &lim, NULL));
  lim.soft = lim.hard = ~0ul;
  E("raise a hard limit", (prlimit(0, RLIMIT_CORE, &none, NULL), prlimit(0, RLIMIT_CORE, &lim, NULL)));
  E("nice below zero", SC(setpriority, 0, 0, -5));
  E("nice of the victim", SC(setpriority, 0, root_pid, 5));
  E("real-time priority", SC(sched_setscheduler, 0, 1, &(int){ 10 }));
  E("victim's affinity", SC(sched_setaffinity, root_pid, 8, &(long){ 1 }));
  E("victim's group", setpgid(root_pid, 0));
  // identities
  E("setuid 0", SC(setuid, 0));
  E("setresuid 0", SC(setresuid, -1, 0, -1));
  E("setfsuid 0", SC(setfsuid, 0) == 7 && SC(setfsuid, -1) == 7 ? -1 : 0);
  E("setgid 0", SC(setgid, 0));
  E("setgroups", SC(setgroups, 1, &(int){ 0 }));
  struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct d[2] = { { ~0u, ~0u, 0 }, { 0 } };
  E("capset", SC(capset, &h, d));
  E("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0));
  E("securebits", prctl(PR_SET_SECUREBITS, 0x2f));
  E("bounding set", prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN));
  // the machine
  struct timespec early = { 1, 0 };
  E("mount", SC(mount, "none", "sticky", "tmpfs", 0, 0));
  E("umount", SC(umount2, "/proc", 2));
  E("chroot", SC(chroot, "jail"));
  E("pivot_root", SC(pivot_root, ".", "."));
  E("sethostname", SC(sethostname, "x", 1));
  E("reboot", SC(reboot, 0xfee1dead, 672274793, 0x1234567, 0));
  E("settimeofday", SC(settimeofday, &early, NULL));
  E("clock_settime", SC(clock_settime, 0, &early));
  E("core_pattern", open("/proc/sys/kernel/core_pattern", O_WRONLY) < 0 ? -13 : 0);
  E("hostname file", open("/proc/sys/kernel/hostname", O_WRONLY) < 0 ? -13 : 0);
  E("drop_caches", open("/proc/sys/vm/drop_caches", O_WRONLY) < 0 ? -13 : 0);
  int oom = open("/proc/self/oom_score_adj", O_WRONLY);
  E("protect from the OOM killer", write(oom, "-1000", 5));
  E("swapoff", SC(swapoff, "/x"));
  return 0;
}
int main(void) {
  put("secret", "secret");
  chmod("secret", 0600);
  put("public", "public");
  put("prog", "");
  chmod("prog", 0755);
  mkdir("sticky", 0777);
  chmod("sticky", 01777);
  put("sticky/root", "root");
  mkdir("jail", 0755);
  put("jail/inside", "in");
  symlink("../public", "jail/out");
  symlink("loop2", "loop1");
  symlink("loop1", "loop2");
  secret_fd = open("secret", O_RDWR);
  ready = gate();
  root_pid = spawn(victim, 0);
  gate_wait(&ready);
  close(secret_fd);
  shut_fd = open("public", O_RDONLY);
  dup3(shut_fd, 71, 0);
  reap("attacker", spawn(attacker, 0));
  printf("victim %s\n", kill(root_pid, 0) == 0 ? "lives" : "is dead");
  kill(root_pid, SIGKILL);
  cat("secret", "secret");
  cat("public", "public");
  cat("root's", "sticky/root");
}
