// What this kernel does not have, and says so: protection keys, huge pages, KSM; and the modes of vm.overcommit_memory (proc_sys_vm(5)),
// which are the whole machine's and cannot be changed on the machine that records.
// oracle: man
#include "mm.h"
#include <linux/memfd.h>
static void set(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  printf("%s = %s: %s\n", path + 13, text, err(write(fd, text, strlen(text))));
  close(fd);
}
int main(void) {
  E("pkey_alloc", SC(pkey_alloc, 0, 0));
  E("pkey_free", SC(pkey_free, 0));
  E("pkey_mprotect", SC(pkey_mprotect, 0, 0, 0, -1));
  E("HUGETLB", mmap(0, 2 * MB, RW, ANON | MAP_HUGETLB, -1, 0));
  E("HUGETLB of 1 GiB", mmap(0, 1 << 30, RW, ANON | MAP_HUGETLB | 30 << 26, -1, 0));
  E("memfd HUGETLB", SC(memfd_create, "h", 4 /* MFD_HUGETLB */));
  char *p = mmap(0, PAGE, RW, ANON, -1, 0);
  E("MERGEABLE", madvise(p, PAGE, MADV_MERGEABLE));
  E("UNMERGEABLE", madvise(p, PAGE, MADV_UNMERGEABLE));
  E("COLLAPSE", madvise(p, PAGE, 25));
  E("HWPOISON", madvise(p, PAGE, MADV_HWPOISON));
  E("SOFT_OFFLINE", madvise(p, PAGE, MADV_SOFT_OFFLINE));
  // memfd_create(2), "MFD_NOEXEC_SEAL": the setting decides what says nothing
  set("/proc/sys/vm/memfd_noexec", "1");
  struct stat st;
  fstat(SC(memfd_create, "m", 0), &st);
  printf("mode %o\n", st.st_mode);
  fstat(SC(memfd_create, "m", 0x10 /* MFD_EXEC */), &st);
  printf("MFD_EXEC mode %o\n", st.st_mode);
  set("/proc/sys/vm/memfd_noexec", "2");
  E("executable", SC(memfd_create, "m", 0x10));
  E("says nothing", SC(memfd_create, "m", 0));
  E("sealed", SC(memfd_create, "m", 8 /* MFD_NOEXEC_SEAL */));
  set("/proc/sys/vm/memfd_noexec", "0");
  // mmap(2), "ERRORS": the number of mappings
  char *area = mmap(0, 200 * PAGE, PROT_NONE, ANON, -1, 0);
  set("/proc/sys/vm/max_map_count", "60");
  long r = 0;
  int n = 0;
  for (; n < 100 && r == 0; n++) r = mprotect(area + 2 * n * PAGE, PAGE, RW);
  printf("mprotect: %s, soon %d\n", err(r), n < 40);
  E("mmap of another kind", mmap(0, PAGE, PROT_READ, SHANON, -1, 0));
  E("hole in the middle", munmap(area + 190 * PAGE, PAGE));
  E("at the end", munmap(area + 199 * PAGE, PAGE));
  set("/proc/sys/vm/max_map_count", "65530");
  E("now", munmap(area + 190 * PAGE, PAGE));
  // overcommit: this machine has 256 MiB
  E("heuristic, more than RAM", mmap(0, 1 << 30, RW, ANON, -1, 0));
  E("heuristic, shared", mmap(0, 1 << 30, RW, SHANON, -1, 0));
  E("heuristic, NORESERVE", mmap(0, 1 << 30, RW, ANON | MAP_NORESERVE, -1, 0));
  E("heuristic, each less than RAM", mmap(0, 200 * MB, RW, ANON, -1, 0));
  E("and again", mmap(0, 200 * MB, RW, ANON, -1, 0));
  set("/proc/sys/vm/overcommit_memory", "1");
  char *huge = mmap(0, 1l << 33, RW, ANON, -1, 0);
  E("always", huge);
  set("/proc/sys/vm/overcommit_memory", "3");
  set("/proc/sys/vm/overcommit_memory", "2");
  set("/proc/sys/vm/overcommit_kbytes", "16777216");
  printf("CommitLimit %s\n", field("/proc/meminfo", "CommitLimit"));
  char *a = mmap(0, 1 << 30, RW, ANON, -1, 0);
  E("within", (long)a < 0 ? (long)a : 0);
  E("never, above", mmap(0, 1l << 34, RW, ANON, -1, 0));
  E("never, NORESERVE means nothing", mmap(0, 1l << 34, RW, ANON | MAP_NORESERVE, -1, 0));
  E("never, PROT_NONE is free", mmap(0, 1l << 34, PROT_NONE, ANON, -1, 0));
  E("never, shared", mmap(0, 1l << 34, RW, SHANON, -1, 0));
  char *ro = mmap(0, 1l << 34, PROT_READ, ANON, -1, 0);
  E("never, mprotect", mprotect(ro, 1l << 34, RW));
  E("never, mremap", mremap(a, 1 << 30, 1l << 34, MREMAP_MAYMOVE));
  long before = atol(field("/proc/meminfo", "Committed_AS"));
  munmap(a, 1 << 30);
  printf("given back %ld MiB\n", (before - atol(field("/proc/meminfo", "Committed_AS"))) / 1024);
  before = atol(field("/proc/meminfo", "Committed_AS"));
  long pid = fork();
  E("fork promises all again, which is too much", pid);
  munmap(huge, 1l << 33);
  before = atol(field("/proc/meminfo", "Committed_AS"));
  char *s = mmap(0, 64 * MB, RW, SHANON, -1, 0);
  pid = fork();
  if (pid == 0) { printf("promised once, not for each process %d\n", atol(field("/proc/meminfo", "Committed_AS")) - before < 512 * 1024); exit(0); }
  waitpid(pid, 0, 0);
  printf("shared %ld MiB\n", (atol(field("/proc/meminfo", "Committed_AS")) - before) / 1024);
  munmap(s, 64 * MB);
  printf("shared back %ld MiB\n", (atol(field("/proc/meminfo", "Committed_AS")) - before) / 1024);
  set("/proc/sys/vm/overcommit_ratio", "80");
  printf("kbytes gone %ld\n", ({ char b[32]; slurp("/proc/sys/vm/overcommit_kbytes", b, 32); atol(b); }));
  set("/proc/sys/vm/overcommit_memory", "0");
}
