// Attacks through /proc and /dev (SECURITY.md, "User space against the kernel"): magic links, memory files, files of the kernel.
#include "t.h"
#include <linux/openat2.h>
#include <linux/prctl.h>
static long write_to(const char *p, const char *text) {
  int f = open(p, O_WRONLY);
  if (f < 0) return f;
  long r = write(f, text, strlen(text));
  close(f);
  return r;
}
static const char readonly[PAGE] __attribute__((aligned(4096))) = "constant";
static int user(void *a) {
  char b[64];
  must(SC(setresgid, 7, 7, 7));
  must(SC(setresuid, 7, 7, 7));
  E("physical memory", open("/dev/mem", O_RDWR) < 0 ? -13 : 0);
  E("the kernel's memory", open("/proc/kcore", O_RDONLY) < 0 ? -13 : 0);
  E("the kernel's symbols show no addresses", ({ int f = open("/proc/kallsyms", O_RDONLY); f < 0 ? 0 : read(f, b, 16) == 16 && strncmp(b, "0000000000000000", 16) == 0 ? 0 : -1; }));
  E("frames of its own pages, once it has been root", open("/proc/self/pagemap", O_RDONLY) < 0 ? -13 : 0);
  E("sysrq", write_to("/proc/sysrq-trigger", "b") < 0 ? -13 : 0);
  E("init's memory", open("/proc/1/mem", O_RDWR));
  E("init's root", open("/proc/1/root", O_PATH) < 0 ? -13 : 0);
  E("init's descriptors", open("/proc/1/fd", O_RDONLY | O_DIRECTORY));
  E("init's directory", readlink("/proc/1/cwd", b, 64));
  E("init's program", readlink("/proc/1/exe", b, 64));
  E("lower the badness", write_to("/proc/self/oom_score_adj", "-1"));
  E("page references of init", write_to("/proc/1/clear_refs", "1"));
  E("name of init", write_to("/proc/1/comm", "x"));
  E("a process through a write-only directory", ({ mkdir("/proc/self/x", 0755); }));
  E("a file in /proc", open("/proc/x", O_CREAT | O_WRONLY, 0644));
  E("unlink in /proc", unlink("/proc/self/stat") < 0 ? -1 : 0);
  E("rename in /proc", rename("/proc/self/stat", "/proc/self/status") < 0 ? -1 : 0);
  E("a device of my own", mknod("disk", S_IFBLK | 0666, makedev(7, 0)));
  return 0;
}
int main(void) {
  char b[64];
  // The program's own memory file: it goes around protection for private pages only, and never to the file.
  put("f", "original");
  int f = open("f", O_RDONLY);
  char *shared = mmap(0, PAGE, PROT_READ, MAP_SHARED, f, 0), *private = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, f, 0);
  int mem = open("/proc/self/mem", O_RDWR);
  E("write to a read-only shared mapping", pwrite(mem, "X", 1, (long)shared));
  V("write to a read-only private mapping", pwrite(mem, "X", 1, (long)private));
  cat("the file", "f");
  V("write to constants of the program", pwrite(mem, "C", 1, (long)readonly));
  int self = open("/proc/self/exe", O_RDONLY);
  E("the program's file for writing", open("/proc/self/exe", O_WRONLY));
  E("truncate it", truncate("/proc/self/exe", 0));
  E("kernel addresses in the memory file", pread(mem, b, 8, -4096));
  E("page zero", pread(mem, b, 8, 0));
  // Magic links keep the rights they were opened with.
  put("ro", "text");
  int ro = open("ro", O_RDONLY);
  snprintf(b, 64, "/proc/self/fd/%d", ro);
  chmod("ro", 0444);
  long c = fork();
  if (c == 0) {
    SC(setresuid, 7, 7, 7);
    E("more rights by a magic link", open(b, O_RDWR));
    exit(0);
  }
  reap("links", c);
  E("cwd of nobody", (rmdir("gone"), mkdir("gone", 0755), SC(chdir, "gone"), rmdir("../gone"), open("x", O_CREAT | O_WRONLY, 0644)));
  E("its name", SC(getcwd, b, 64));
  SC(chdir, "/tmp");
  // Settings answer nonsense with an error and stay.
  E("text for a number", write_to("/proc/self/oom_score_adj", "seven"));
  E("too large a number", write_to("/proc/self/oom_score_adj", "99999999999999999999"));
  E("out of range", write_to("/proc/self/oom_score_adj", "1001"));
  E("a setting with a wild buffer", ({ int o = open("/proc/self/oom_score_adj", O_WRONLY); write(o, (void *)-8192L, 4); }));
  E("a number for itself as another's parent", open("/proc/self/task/1/stat", O_RDONLY));
  E("a leading zero is another name", open("/proc/01/stat", O_RDONLY));
  E("a negative number", open("/proc/-1/stat", O_RDONLY));
  E("a number too large", open("/proc/99999999999/stat", O_RDONLY));
  E("__proto__", open("/proc/__proto__", O_RDONLY));
  E("constructor of a setting", open("/proc/sys/kernel/constructor", O_RDONLY));
  E("__proto__ of a setting", open("/proc/sys/__proto__", O_RDONLY));
  reap("user", spawn(user, 0));
}
