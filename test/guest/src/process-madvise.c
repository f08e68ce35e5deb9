// process_madvise(2), process_mrelease(2): which advice, on whom, through which descriptor; partial progress.
#include "mm.h"
#ifndef __NR_process_madvise
#define __NR_process_madvise 440
#endif
#ifndef __NR_process_mrelease
#define __NR_process_mrelease 448
#endif
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif
int main(void) {
  char *p = mmap(place(16), 8 * PAGE, RW, ANON, -1, 0);
  memset(p, 1, 8 * PAGE);
  int me = SC(pidfd_open, getpid(), 0);
  struct iovec v[3] = { { p, 2 * PAGE }, { p + 4 * PAGE, 2 * PAGE }, { p, 0 } };
#define PM(fd, v, n, advice) SC(process_madvise, fd, v, n, advice, 0)
  V("WILLNEED", PM(me, v, 2, MADV_WILLNEED));
  V("COLD", PM(me, v, 2, MADV_COLD));
  V("empty vector", PM(me, v, 0, MADV_COLD));
  V("empty element", PM(me, v, 3, MADV_COLD));
  E("flags", SC(process_madvise, me, v, 1, MADV_COLD, 1));
  E("not a pidfd", PM(1, v, 1, MADV_COLD));
  E("closed", PM(99, v, 1, MADV_COLD));
  E("unknown advice", PM(me, v, 1, 99));
  E("bad vector", PM(me, 8, 1, MADV_COLD));
  E("too many", PM(me, v, 2000, MADV_COLD));
  v[1].iov_base = p + 1;
  V("unaligned second", PM(me, v, 2, MADV_COLD));
  v[0].iov_base = p + 1;
  E("unaligned first", PM(me, v, 2, MADV_COLD));
  v[0].iov_base = p;
  munmap(p + 4 * PAGE, PAGE);
  v[1].iov_base = p + 4 * PAGE;
  V("second with a hole", PM(me, v, 2, MADV_COLD));
  struct gate g = gate();
  long pid = fork();
  if (pid == 0) { gate_wait(&g); exit(0); }
  int other = SC(pidfd_open, pid, 0);
  v[1].iov_base = p + 5 * PAGE;
  V("another process", PM(other, v, 2, MADV_COLD));
  E("another process, destructive", PM(other, v, 1, MADV_DONTNEED));
  E("another process, DONTFORK", PM(other, v, 1, MADV_DONTFORK));
  E("release of a living one", SC(process_mrelease, other, 0));
  E("release, flags", SC(process_mrelease, other, 1));
  E("release, not a pidfd", SC(process_mrelease, 1, 0));
  gate_open(&g);
  siginfo_t si;
  SC(waitid, P_PID, pid, &si, WEXITED | WNOWAIT, 0);
  E("a zombie", PM(other, v, 1, MADV_COLD));
  waitpid(pid, 0, 0);
  E("a dead one", PM(other, v, 1, MADV_COLD));
  E("release of a dead one", SC(process_mrelease, other, 0));
}
