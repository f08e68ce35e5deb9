// madvise(2): each advice, what it does to contents, residency and VmFlags, on private, shared, file and locked memory.
#include "mm.h"
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
static char *fresh(int n) {
  char *p = mmap(0, (n + 2) * PAGE, PROT_NONE, ANON, -1, 0) + PAGE;
  mprotect(p, n * PAGE, RW);
  return p;
}
static void flag(const char *label, int on, int off, const char *letters) {
  char *p = fresh(3);
  long r = madvise(p + PAGE, PAGE, on);
  printf("%s: %s %d", label, err(r), vmflag(p + PAGE, letters));
  r = madvise(p, 3 * PAGE, off);
  printf(", undone: %s %d\n", err(r), vmflag(p + PAGE, letters));
}
int main(void) {
  flag("SEQUENTIAL", MADV_SEQUENTIAL, MADV_NORMAL, "sr");
  flag("RANDOM", MADV_RANDOM, MADV_NORMAL, "rr");
  flag("RANDOM after SEQUENTIAL", MADV_RANDOM, MADV_SEQUENTIAL, "rr");
  flag("DONTFORK", MADV_DONTFORK, MADV_DOFORK, "dc");
  flag("DONTDUMP", MADV_DONTDUMP, MADV_DODUMP, "dd");
  flag("WIPEONFORK", MADV_WIPEONFORK, MADV_KEEPONFORK, "wf");
  char *p = fresh(8);
  memset(p, 5, 8 * PAGE);
  E("DONTNEED", madvise(p + PAGE, 2 * PAGE, MADV_DONTNEED));
  resident("left", p, 8);
  E("DONTNEED of a byte takes the page", madvise(p + 4 * PAGE, 1, MADV_DONTNEED));
  resident("left", p, 8);
  printf("zero %d\n", p[4 * PAGE]);
  E("POPULATE_READ", madvise(p, 8 * PAGE, MADV_POPULATE_READ));
  resident("all", p, 8);
  E("POPULATE_WRITE", madvise(p, 8 * PAGE, MADV_POPULATE_WRITE));
  printf("rss %ld\n", smap(p, "Rss"));
  E("COLD", madvise(p, 8 * PAGE, MADV_COLD));
  E("PAGEOUT", madvise(p, 8 * PAGE, MADV_PAGEOUT));
  printf("still %d %d\n", p[0], p[7 * PAGE]);
  E("FREE", madvise(p, PAGE, MADV_FREE));
  p[0] = 6;
  printf("written after FREE %d\n", p[0]);
  mprotect(p, PAGE, PROT_READ);
  E("POPULATE_WRITE of read only", madvise(p, PAGE, MADV_POPULATE_WRITE));
  mprotect(p, PAGE, PROT_NONE);
  E("POPULATE_READ of none", madvise(p, PAGE, MADV_POPULATE_READ));
  E("WILLNEED of anonymous", madvise(p, PAGE, MADV_WILLNEED));
  SC(mlock, p + PAGE, PAGE);
  E("DONTNEED of locked", madvise(p + PAGE, PAGE, MADV_DONTNEED));
  E("FREE of locked", madvise(p + PAGE, PAGE, MADV_FREE));
  E("COLD of locked", madvise(p + PAGE, PAGE, MADV_COLD));
  E("PAGEOUT of locked", madvise(p + PAGE, PAGE, MADV_PAGEOUT));
  E("REMOVE of locked", madvise(p + PAGE, PAGE, MADV_REMOVE));
  p[PAGE] = 3;
  E("DONTNEED_LOCKED", madvise(p + PAGE, PAGE, MADV_DONTNEED_LOCKED));
  printf("zero %d locked %d\n", p[PAGE], vmflag(p + PAGE, "lo"));
  E("REMOVE of private anonymous", madvise(p + 2 * PAGE, PAGE, MADV_REMOVE));
  // shared anonymous
  char *s = mmap(0, 4 * PAGE, RW, SHANON, -1, 0);
  memset(s, 7, 4 * PAGE);
  E("shared DONTNEED", madvise(s, PAGE, MADV_DONTNEED));
  printf("kept %d\n", s[0]);
  E("shared REMOVE", madvise(s + PAGE, PAGE, MADV_REMOVE));
  printf("gone %d, next %d\n", s[PAGE], s[2 * PAGE]);
  E("shared FREE", madvise(s, PAGE, MADV_FREE));
  E("shared WIPEONFORK", madvise(s, PAGE, MADV_WIPEONFORK));
  mprotect(s, PAGE, PROT_READ);
  E("REMOVE of read only", madvise(s, PAGE, MADV_REMOVE));
  // files
  put("f", "x");
  int fd = open("f", O_RDWR), ro = open("f", O_RDONLY);
  ftruncate(fd, 4 * PAGE);
  for (int i = 0; i < 4; i++) pwrite(fd, "abcd" + i, 1, i * PAGE);
  char *f = mmap(0, 4 * PAGE, RW, MAP_SHARED, fd, 0), *v = mmap(0, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
  v[0] = 'V';
  E("file REMOVE", madvise(f + PAGE, PAGE, MADV_REMOVE));
  char b[2] = "?";
  pread(fd, b, 1, PAGE);
  struct stat st;
  fstat(fd, &st);
  printf("hole reads %d, size %ld, private sees %d\n", b[0], st.st_size / PAGE, v[PAGE]);
  E("private file REMOVE", madvise(v, PAGE, MADV_REMOVE));
  E("file WILLNEED", madvise(f, 4 * PAGE, MADV_WILLNEED));
  E("file POPULATE_READ", madvise(f, 4 * PAGE, MADV_POPULATE_READ));
  E("file WIPEONFORK", madvise(v, PAGE, MADV_WIPEONFORK));
  E("private file DONTNEED", madvise(v, PAGE, MADV_DONTNEED));
  printf("again %c\n", v[0]);
  ftruncate(fd, PAGE);
  E("POPULATE_READ beyond the end", madvise(f + PAGE, PAGE, MADV_POPULATE_READ));
  E("DONTNEED beyond the end", madvise(f + PAGE, PAGE, MADV_DONTNEED));
  // ranges
  munmap(p + 4 * PAGE, PAGE);
  p[3 * PAGE] = p[5 * PAGE] = 1;
  E("DONTNEED over a hole", madvise(p + 3 * PAGE, 3 * PAGE, MADV_DONTNEED));
  printf("both sides %d %d\n", p[3 * PAGE], p[5 * PAGE]);
  E("POPULATE over a hole", madvise(p + 3 * PAGE, 3 * PAGE, MADV_POPULATE_WRITE));
  E("SEQUENTIAL over a hole", madvise(p + 3 * PAGE, 3 * PAGE, MADV_SEQUENTIAL));
  printf("behind it %d\n", vmflag(p + 5 * PAGE, "sr"));
  E("unaligned", madvise(p + 1, PAGE, MADV_NORMAL));
  E("wraps", madvise(p, -PAGE, MADV_NORMAL));
  E("length rounds to zero", madvise(p, -1l, MADV_NORMAL));
  E("length 0", madvise(p, 0, MADV_NORMAL));
  E("length 0, unknown", madvise(p, 0, 77));
  E("unknown", madvise(p, PAGE, 77));
  if (fork() == 0) { drop(); E("HWPOISON unprivileged", madvise(p + PAGE, PAGE, MADV_HWPOISON)); exit(0); }
  waitpid(-1, 0, 0);
}
