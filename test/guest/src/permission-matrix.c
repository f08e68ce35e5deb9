// The permission matrix (path_resolution(7), capabilities(7), chmod(2), chown(2), utimensat(2), unlink(2), rename(2), xattr(7), kill(2), ptrace(2)): each
// subject against each mode of a file and of a directory, each call a letter: . ok, A EACCES, P EPERM, ? another errno. A line is "subject mode: calls".
#include "t.h"
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#define BIT(c) (1u << (c))
struct subject { const char *name; int uid, gid, group; u32 caps; };
static struct subject subjects[] = {
  { "root", 0, 0, 0, ~0u },
  { "root-without", 0, 0, 0, 0 },
  { "owner", 7, 7, 0, 0 },
  { "group", 9, 8, 0, 0 },
  { "supplementary", 9, 9, 8, 0 },
  { "other", 9, 9, 0, 0 },
  { "+dac_override", 9, 9, 0, BIT(CAP_DAC_OVERRIDE) },
  { "+dac_read_search", 9, 9, 0, BIT(CAP_DAC_READ_SEARCH) },
  { "+fowner", 9, 9, 0, BIT(CAP_FOWNER) },
  { "+chown", 9, 9, 0, BIT(CAP_CHOWN) },
  { "+fsetid", 7, 7, 0, BIT(CAP_FSETID) },
  { "+kill", 9, 9, 0, BIT(CAP_KILL) },
  { "+sys_ptrace", 9, 9, 0, BIT(CAP_SYS_PTRACE) },
  { "+setuid", 9, 9, 0, BIT(CAP_SETUID) },
  { "+setgid", 9, 9, 0, BIT(CAP_SETGID) },
  { "+sys_admin", 9, 9, 0, BIT(CAP_SYS_ADMIN) },
  { "+sys_nice", 9, 9, 0, BIT(CAP_SYS_NICE) },
  { "+mknod", 9, 9, 0, BIT(CAP_MKNOD) },
  { "+sys_chroot", 9, 9, 0, BIT(CAP_SYS_CHROOT) },
  { "+setpcap", 9, 9, 0, BIT(CAP_SETPCAP) },
};
#define SUBJECTS (sizeof subjects / sizeof *subjects)
static int modes[] = { 0, 0400, 0200, 0100, 0040, 0020, 0010, 0004, 0002, 0001, 0644, 0750, 06755 };
static int dir_modes[] = { 0, 0700, 0070, 0007, 0500, 0300, 0050, 0030, 0005, 0003, 0755, 01777, 02777 };
static struct gate ready;
static int victim(void *a) {
  SC(setresgid, 7, 7, 7);
  SC(setresuid, 7, 7, 7);
  prctl(PR_SET_DUMPABLE, 1);
  gate_open(&ready);
  for (;;) msleep(1000);
}
static void become(struct subject *s) {
  prctl(PR_SET_KEEPCAPS, 1);
  u32 g = s->group;
  SC(setgroups, s->group ? 1 : 0, &g);
  must(SC(setresgid, s->gid, s->gid, s->gid));
  must(SC(setresuid, s->uid, s->uid, s->uid));
  struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct d[2] = { { 0 } };
  if (s->caps == ~0u) { // all but one that some hosts do not have
    SC(capget, &h, d);
    d[0].effective &= ~BIT(CAP_SYS_RESOURCE);
    d[0].permitted &= ~BIT(CAP_SYS_RESOURCE);
    must(SC(capset, &h, d));
    return;
  }
  d[0].effective = d[0].permitted = s->caps;
  must(SC(capset, &h, d));
}
static char line[64], *at;
static void mark(long r) { *at++ = r >= 0 ? '.' : r == -13 ? 'A' : r == -1 ? 'P' : '?'; }
static void opened(long fd) { mark(fd); if (fd >= 0) close(fd); }
static void begin(void) { at = line; }
static void end(const char *who, int mode) { *at = 0; printf("%s %o: %s\n", who, mode, line); }
/** Every call by a child of its own, so that none changes what the next one finds. */
#define TRY(prepare, call) do { prepare; long pid_ = fork(); if (pid_ == 0) { become(s); begin(); call; exit(line[0]); } int st_; waitpid(pid_, &st_, 0); *at++ = st_ >> 8; } while (0)
static void file(int mode) {
  SC(unlinkat, AT_FDCWD, "d/f", 0);
  put("d/f", "x");
  chown("d/f", 7, 8);
  chmod("d/f", mode);
}
static void dir(int mode) {
  unlink("e/f");
  rmdir("e/s");
  unlink("e/n");
  rmdir("e");
  mkdir("e", 0755);
  put("e/f", "x");
  mkdir("e/s", 0755);
  chown("e/f", 7, 8);
  chown("e", 7, 8);
  chmod("e", mode);
}
static void files(struct subject *s, int mode) {
  struct timespec ts[2] = { { 1, 0 }, { 1, 0 } };
  char *argv[] = { "x", NULL };
  at = line;
  TRY(file(mode), opened(open("d/f", O_RDONLY)));
  TRY(file(mode), opened(open("d/f", O_WRONLY)));
  TRY(file(mode), opened(open("d/f", O_RDWR)));
  TRY(file(mode), opened(open("d/f", O_RDONLY | O_NOATIME)));
  TRY(file(mode), mark(access("d/f", 1)));
  TRY(file(mode), mark(execve("d/f", argv, environ) == -8 ? 0 : -13));
  TRY(file(mode), mark(truncate("d/f", 0)));
  TRY(file(mode), mark(chmod("d/f", 0600)));
  TRY(file(mode), mark(chown("d/f", 9, -1)));
  TRY(file(mode), mark(chown("d/f", -1, 7)));
  TRY(file(mode), mark(chown("d/f", -1, 9)));
  TRY(file(mode), mark(SC(utimensat, AT_FDCWD, "d/f", NULL, 0)));
  TRY(file(mode), mark(SC(utimensat, AT_FDCWD, "d/f", ts, 0)));
  TRY(file(mode), mark(SC(setxattr, "d/f", "user.a", "v", 1, 0)));
  TRY(file(mode), mark(SC(getxattr, "d/f", "user.a", NULL, 0) == -61 ? 0 : -13));
  TRY(file(mode), mark(SC(setxattr, "d/f", "trusted.a", "v", 1, 0)));
  TRY(file(mode), mark(SC(setxattr, "d/f", "security.a", "v", 1, 0)));
  end(s->name, mode);
}
static void directories(struct subject *s, int mode) {
  struct stat st;
  at = line;
  TRY(dir(mode), opened(open("e", O_RDONLY | O_DIRECTORY)));
  TRY(dir(mode), mark(chdir("e")));
  TRY(dir(mode), mark(stat_("e/f", &st)));
  TRY(dir(mode), opened(open("e/n", O_WRONLY | O_CREAT, 0644)));
  TRY(dir(mode), mark(mkdir("e/n", 0755)) ; rmdir("e/n"));
  TRY(dir(mode), mark(symlink("x", "e/n")));
  TRY(dir(mode), mark(unlink("e/f")));
  TRY(dir(mode), mark(rmdir("e/s")));
  TRY(dir(mode), mark(rename("e/f", "e/n")));
  TRY(dir(mode), mark(rename("e/s", "s")); rename("s", "e/s"));
  TRY(dir(mode), mark(chmod("e", 0755)));
  end(s->name, mode);
  dir(0755);
}
/** What a set-ID bit becomes by a write, a chmod of the group's stranger, a chown. */
static void set_ids(struct subject *s) {
  struct stat st;
  long pid = fork();
  if (pid == 0) {
    become(s);
    int fd = open("d/f", O_WRONLY);
    write(fd, "y", 1);
    stat_("d/f", &st);
    printf("%s after a write %o\n", s->name, st.st_mode & 07777);
    chmod("d/f", 06755);
    stat_("d/f", &st);
    printf("%s after chmod %o\n", s->name, st.st_mode & 07777);
    exit(0);
  }
  waitpid(pid, NULL, 0);
}
static void processes(struct subject *s, long target) {
  at = line;
  char bytes[8];
  struct iovec v = { bytes, 8 }, there = { line, 8 };
  TRY(, mark(kill(target, 0)));
  TRY(, mark(SC(ptrace, PTRACE_SEIZE, target, 0, 0)));
  TRY(, mark(SC(process_vm_readv, target, &v, 1, &there, 1, 0)));
  TRY(, mark(SC(setpriority, 0, target, 3)));
  TRY(, mark(SC(setpriority, 0, 0, -3)));
  TRY(, mark(SC(sched_setscheduler, 0, 1, &(int){ 5 })));
  TRY(, mark(prlimit(target, RLIMIT_CORE, NULL, NULL)));
  TRY(, mark(SC(setuid, 3)));
  TRY(, mark(SC(setgid, 3)));
  TRY(, mark(SC(setgroups, 0, NULL)));
  TRY(, mark(SC(chroot, ".")));
  TRY(, mark(mknod("sticky/n", S_IFCHR | 0600, makedev(1, 3))); unlink("sticky/n"));
  TRY(, mark(SC(mount, "none", "sticky", "tmpfs", 0, 0)));
  TRY(, mark(SC(sethostname, "kspace", 6)));
  TRY(, mark(prctl(PR_CAPBSET_DROP, CAP_CHOWN)));
  TRY(, mark(prctl(PR_SET_SECUREBITS, 0)));
  end(s->name, 0);
}
int main(void) {
  umask(0);
  mkdir("d", 0777);
  mkdir("sticky", 0777);
  chmod(".", 01777);
  ready = gate();
  long target = spawn(victim, 0);
  gate_wait(&ready);
  for (int i = 0; i < SUBJECTS; i++) {
    for (int j = 0; j < sizeof modes / sizeof *modes; j++) files(&subjects[i], modes[j]);
    for (int j = 0; j < sizeof dir_modes / sizeof *dir_modes; j++) directories(&subjects[i], dir_modes[j]);
    file(06755);
    set_ids(&subjects[i]);
    processes(&subjects[i], target);
  }
  kill(target, SIGKILL);
}
