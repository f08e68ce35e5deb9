// mlock(2), mlock2(2), mlockall(2): residency, VmLck, ONFAULT, MCL_FUTURE, limits without privilege, ranges, fork and exec.
#include "mm.h"
static void locked(const char *l) { printf("%s: VmLck %s\n", l, field("/proc/self/status", "VmLck")); }
int main(void) {
  char *p = mmap(place(16), 8 * PAGE, RW, ANON, -1, 0);
  p[7 * PAGE] = 1; // one history of private pages for all: parts may be joined again
  E("mlock unaligned", SC(mlock, p + 100, 1));
  resident("one page", p, 8);
  locked("one");
  E("crossing a border", SC(mlock, p + 3 * PAGE - 1, 2));
  locked("three");
  E("again", SC(mlock, p, 3 * PAGE));
  locked("three");
  where("split", p, p);
  E("mlock2 ONFAULT", SC(mlock2, p + 4 * PAGE, 2 * PAGE, 1));
  resident("on fault", p, 8);
  locked("five");
  p[4 * PAGE] = 1;
  resident("touched", p, 8);
  E("mlock2 0", SC(mlock2, p + 4 * PAGE, PAGE, 0));
  E("mlock2 bad flags", SC(mlock2, p, PAGE, 2));
  E("munlock", SC(munlock, p, 8 * PAGE));
  locked("none");
  where("joined", p, p);
  resident("they stay", p, 8);
  E("length 0", SC(mlock, p, 0));
  E("wraps", SC(mlock, p, -PAGE));
  munmap(p + 6 * PAGE, PAGE);
  E("over a hole", SC(mlock, p, 8 * PAGE));
  E("munlock over a hole", SC(munlock, p, 8 * PAGE));
  mprotect(p, PAGE, PROT_NONE);
  E("PROT_NONE", SC(mlock, p, PAGE));
  E("munlock", SC(munlock, p, PAGE));
  mprotect(p, PAGE, RW);
  put("f", "x");
  int fd = open("f", O_RDWR);
  char *f = mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0);
  E("beyond the end of a file", SC(mlock, f, 2 * PAGE));
  SC(munlock, f, 2 * PAGE);
  SC(mlock, p, 2 * PAGE);
  E("msync INVALIDATE of locked", SC(msync, p, PAGE, 2));
  long pid = fork();
  if (pid == 0) { locked("child"); exit(0); }
  reap("child", pid);
  E("munlockall", SC(munlockall));
  E("mlockall 0", SC(mlockall, 0));
  E("mlockall ONFAULT only", SC(mlockall, 4));
  E("mlockall unknown", SC(mlockall, 8));
  E("FUTURE", SC(mlockall, 2));
  char *n = mmap(0, 2 * PAGE, RW, ANON, -1, 0);
  resident("future", n, 2);
  E("FUTURE ONFAULT", SC(mlockall, 2 | 4));
  char *m = mmap(0, 2 * PAGE, RW, ANON, -1, 0);
  resident("future on fault", m, 2);
  E("munlockall", SC(munlockall));
  locked("nothing");
  pid = fork();
  if (pid == 0) {
    limit(RLIMIT_MEMLOCK, 3 * PAGE);
    drop();
    E("within the limit", SC(mlock, p, 2 * PAGE));
    E("the same again", SC(mlock, p, 3 * PAGE));
    E("above", SC(mlock, p, 4 * PAGE));
    E("MAP_LOCKED above", mmap(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
    E("mlockall above", SC(mlockall, 1));
    E("unlocking is free", SC(munlock, p, 8 * PAGE));
    limit(RLIMIT_MEMLOCK, 0);
    E("limit 0", SC(mlock, p, PAGE));
    E("mlockall limit 0", SC(mlockall, 2));
    E("MAP_LOCKED limit 0", mmap(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
    E("munlock limit 0", SC(munlock, p, PAGE));
    exit(0);
  }
  reap("limits", pid);
}
