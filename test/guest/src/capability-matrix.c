// capabilities(7): each capability alone, in the hands of an ordinary user, against the calls that ask for one: . ok, A EACCES, P EPERM, ? another errno.
// A line is a capability by its number plus one (0: none, 42: all of them), and a letter for each call in the order of the source.
#include "net.h"
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#define LAST 41
static char letters[64][LAST + 3];
static const char *labels[64];
static int calls, column;
static long victim_pid;
static int shm, queue, sems;
static u64 words[16];
static struct gate ready;
#define TRY(label, call) do { long r_ = (long)(call); labels[calls] = label; letters[calls++][column] = r_ == -13 ? 'A' : r_ == -1 ? 'P' : r_ < 0 && r_ > -4096 ? '?' : '.'; } while (0)
static int victim(void *a) {
  SC(setresgid, 7, 7, 7);
  SC(setresuid, 7, 7, 7);
  prctl(PR_SET_DUMPABLE, 1);
  gate_open(&ready);
  for (;;) msleep(1000);
}
static void become(u64 caps) {
  struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct d[2] = { { caps, caps, caps }, { caps >> 32, caps >> 32, caps >> 32 } };
  SC(setgroups, 0, NULL);
  prctl(PR_SET_KEEPCAPS, 1);
  must(SC(setresgid, 9, 9, 9));
  must(SC(setresuid, 9, 9, 9));
  must(SC(capset, &h, d));
}
static long forked(long (*f)(void)) {
  int p[2];
  long r = 0;
  pipe(p);
  long pid = fork();
  if (pid == 0) {
    r = f();
    write(p[1], &r, 8);
    exit(0);
  }
  read(p[0], &r, 8);
  waitpid(pid, NULL, 0);
  close(p[0]);
  close(p[1]);
  return r;
}
struct limit { u64 soft, hard; };
static long raise_limit(void) { struct limit l = { 100, 100 }, m = { 100, 200 }; prlimit(0, RLIMIT_CORE, &l, NULL); return prlimit(0, RLIMIT_CORE, &m, NULL); }
static long lock_memory(void) { struct limit l = { 0, 0 }; prlimit(0, RLIMIT_MEMLOCK, &l, NULL); return SC(mlock, mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), PAGE); }
static long lock_all(void) { struct limit l = { 0, 0 }; prlimit(0, RLIMIT_MEMLOCK, &l, NULL); return SC(mlockall, 2); }
static long lock_shm(void) { struct limit l = { 0, 0 }; prlimit(0, RLIMIT_MEMLOCK, &l, NULL); return SC(shmctl, SC(shmget, 0, PAGE, 0600), 11, 0); }
static long to_root(void) { return SC(setuid, 0); }
static long to_gid(void) { return SC(setgid, 8); }
static long to_groups(void) { return SC(setgroups, 1, &(int){ 8 }); }
static long real_time(void) { return SC(sched_setscheduler, 0, 1, &(int){ 1 }); }
static long nicer(void) { return SC(setpriority, 0, 0, -5); }
static long io_class(void) { return SC(ioprio_set, 1, 0, 1 << 13); }
static long filter(void) { struct sock_filter f[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) }; struct sock_fprog p = { 1, f }; return SC(seccomp, 1, 0, &p); }
static long domain(void) { u64 fs[3] = { 1, 0, 0 }; int f = SC(landlock_create_ruleset, fs, 8, 0); return SC(landlock_restrict_self, f, 0); }
static long drop_bound(void) { return prctl(PR_CAPBSET_DROP, CAP_MKNOD); }
static long secure_bits(void) { return prctl(PR_SET_SECUREBITS, 1); }
static long chrooted(void) { return SC(chroot, "dir"); }
static long traced(void) { long r = SC(ptrace, PTRACE_SEIZE, victim_pid, 0, 0); return r; }
static long braver(void) { int f = open("/proc/self/oom_score_adj", O_WRONLY); return write(f, "-5", 2); }
static long of_number(void) {
  int want = 30000 + column;
  struct clone_args a = { .exit_signal = SIGCHLD, .set_tid = (u64)&want, .set_tid_size = 1 };
  long pid = SC(clone3, &a, sizeof a);
  if (pid == 0) exit(0);
  if (pid > 0) waitpid(pid, NULL, 0);
  return pid;
}
static long port(void) {
  struct { u16 family, port; u32 addr; u64 zero; } a = { AF_INET, 80 << 8, 0x100007f };
  int s = socket(AF_INET, SOCK_STREAM, 0);
  long r = SC(bind, s, &a, 16);
  close(s);
  return r;
}
static long option(int name, int value) {
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  long r = SC(setsockopt, s, 1, name, &value, 4);
  close(s);
  return r;
}
static int subject(void *caps) {
  char b[8];
  struct iovec l = { b, 1 }, r = { (void *)&victim_pid, 1 };
  struct timespec now[2] = { { 1, 0 }, { 2, 0 } };
  become((u64)caps);
  TRY("chown to another", SC(fchownat, AT_FDCWD, "mine", 8, -1, 0));
  TRY("chown another's", SC(fchownat, AT_FDCWD, "theirs", 7, 7, 0));
  TRY("chmod another's", chmod("theirs", 0600));
  TRY("open another's to read", ({ long f = open("theirs", O_RDONLY); close(f); f; }));
  TRY("open another's to write", ({ long f = open("theirs", O_WRONLY); close(f); f; }));
  TRY("list another's directory", ({ long f = open("closed", O_RDONLY | O_DIRECTORY); close(f); f; }));
  TRY("times of another's", SC(utimensat, AT_FDCWD, "theirs", now, 0));
  TRY("remove another's from a sticky directory", ({ long e = unlink("sticky/theirs"); e; }));
  TRY("immutable flag", ({ int f = open("mine", O_RDONLY), v = 0x10; long e = ioctl(f, 0x40086602, &v); v = 0; ioctl(f, 0x40086602, &v); close(f); e; }));
  TRY("trusted attribute", SC(setxattr, "mine", "trusted.a", "v", 1, 0));
  TRY("file capabilities", ({ u32 c[5] = { 0x2000000, 1, 0, 0, 0 }; SC(setxattr, "mine", "security.capability", c, 20, 0); }));
  TRY("character device", ({ long e = mknod("node", S_IFCHR | 0600, makedev(1, 3)); unlink("node"); e; }));
  TRY("kill another's", kill(victim_pid, 0));
  TRY("trace another's", forked(traced));
  TRY("memory of another's", SC(process_vm_readv, victim_pid, &l, 1, &r, 1, 0) == 1 ? 0 : -1);
  TRY("limits of another's", prlimit(victim_pid, RLIMIT_CORE, NULL, NULL));
  TRY("priority of another's", SC(setpriority, 0, victim_pid, 5));
  TRY("processors of another's", SC(sched_setaffinity, victim_pid, 8, &(long){ 1 }));
  TRY("below nice 0", forked(nicer));
  TRY("real-time policy", forked(real_time));
  TRY("real-time class of input and output", forked(io_class));
  TRY("a hard limit", forked(raise_limit));
  TRY("lock memory without a limit", forked(lock_memory));
  TRY("lock everything", forked(lock_all));
  TRY("lock shared memory", forked(lock_shm));
  TRY("lower badness", forked(braver));
  TRY("a number of its choice", forked(of_number));
  TRY("uid 0", forked(to_root));
  TRY("another gid", forked(to_gid));
  TRY("groups", forked(to_groups));
  TRY("bounding set", forked(drop_bound));
  TRY("securebits", forked(secure_bits));
  TRY("filter without no_new_privs", forked(filter));
  TRY("domain without no_new_privs", forked(domain));
  TRY("chroot", forked(chrooted));
  TRY("mount", ({ long e = SC(mount, "none", "dir", "tmpfs", 0, 0); if (e == 0) SC(umount2, "dir", 2); e; }));
  TRY("umount", SC(umount2, "nowhere", 2));
  TRY("host name", SC(sethostname, "x", 1));
  TRY("domain name", SC(setdomainname, "x", 1));
  TRY("swapon", SC(swapon, "nothing", 0));
  TRY("swapoff", SC(swapoff, "nothing"));
  TRY("shared memory of another", ({ long e = SC(shmat, shm, 0, 0); if (e > 0 || e < -4096) SC(shmdt, e); e; }));
  TRY("state of another's queue", SC(msgctl, queue, 2, (char[256]){ 0 }));
  TRY("state of another's semaphores", SC(semctl, sems, 0, 1, words));
  TRY("port 80", port());
  TRY("SO_MARK", option(36, 1));
  TRY("SO_PRIORITY 7", option(12, 7));
  TRY("SO_RCVBUFFORCE", option(33, 8192));
  TRY("a large pipe", ({ int p[2]; pipe(p); long e = fcntl(p[0], 1031, 4 << 20); close(p[0]); close(p[1]); e; }));
  TRY("a file by its handle", ({ struct { u32 n; int t; char h[128]; } h = { 8, 1 }; SC(open_by_handle_at, AT_FDCWD, &h, 0); }));
  printf("%d ", column);
  for (int i = 0; i < calls; i++) printf("%c", letters[i][column]);
  printf("\n");
  return 0;
}
static void prepare(void) {
  put("mine", "");
  chown("mine", 9, 9);
  chmod("mine", 0644);
  put("sticky/theirs", "");
  chown("sticky/theirs", 7, 7);
}
int main(void) {
  chmod(".", 0777);
  put("theirs", "x");
  chown("theirs", 7, 7);
  chmod("theirs", 0600);
  mkdir("closed", 0700);
  chown("closed", 7, 7);
  mkdir("dir", 0755);
  mkdir("sticky", 0777);
  chmod("sticky", 01777);
  shm = must(SC(shmget, 77, PAGE, 01600));
  queue = must(SC(msgget, 78, 01600));
  sems = must(SC(semget, 79, 1, 01600));
  ready = gate();
  victim_pid = spawn(victim, 0);
  gate_wait(&ready);
  for (column = 0; column < LAST + 2; column++) {
    if (column == CAP_SYS_RESOURCE + 1) continue; // not every host has it
    u64 caps = column == 0 ? 0 : column == LAST + 1 ? ((1ul << LAST) - 1) & ~(1ul << CAP_SYS_RESOURCE) : 1ul << (column - 1);
    prepare();
    long pid = spawn(subject, (void *)caps);
    int st;
    waitpid(pid, &st, 0);
    if (st != 0) pstat("subject", st);
    chown("theirs", 7, 7);
    chmod("theirs", 0600);
  }
  kill(victim_pid, SIGKILL);
}
