// madvise(2): DONTNEED gives zeros (anonymous), the file again (private), the shared page stays; FREE and hints succeed; errors.
#include "t.h"
int main(void) {
  char *a = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(a, 5, 3 * PAGE);
  E("DONTNEED", madvise(a + PAGE, PAGE, MADV_DONTNEED));
  printf("%d %d %d\n", a[0], a[PAGE], a[2 * PAGE]);
  put("f", "file content");
  int fd = open("f", O_RDWR);
  char *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), *s = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[0] = 'X';
  E("private file", madvise(p, PAGE, MADV_DONTNEED));
  printf("%s\n", p);
  s[0] = 'Y';
  E("shared file", madvise(s, PAGE, MADV_DONTNEED));
  printf("%s\n", s);
  char *sa = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  sa[0] = 9;
  madvise(sa, PAGE, MADV_DONTNEED);
  printf("shared anonymous %d\n", sa[0]);
  E("WILLNEED", madvise(a, PAGE, MADV_WILLNEED));
  E("SEQUENTIAL", madvise(a, PAGE, MADV_SEQUENTIAL));
  E("NORMAL", madvise(a, PAGE, MADV_NORMAL));
  E("FREE", madvise(a, PAGE, MADV_FREE));
  E("FREE of a file", madvise(s, PAGE, MADV_FREE));
  E("DONTFORK", madvise(a, PAGE, MADV_DONTFORK));
  long pid = fork();
  if (pid == 0) {
    FAULT("not forked", a, (void)*(volatile char *)a);
    printf("next page %d\n", a[2 * PAGE]);
    exit(0);
  }
  reap("child", pid);
  E("WIPEONFORK", madvise(a + 2 * PAGE, PAGE, MADV_WIPEONFORK));
  pid = fork();
  if (pid == 0) {
    printf("wiped %d\n", a[2 * PAGE]);
    exit(0);
  }
  reap("child", pid);
  printf("parent keeps %d\n", a[2 * PAGE]);
  E("unaligned", madvise(a + 1, PAGE, MADV_DONTNEED));
  E("bad advice", madvise(a, PAGE, 9999));
  munmap(a + PAGE, PAGE);
  E("over a hole", madvise(a, 3 * PAGE, MADV_DONTNEED));
  E("length 0", madvise(a, 0, MADV_DONTNEED));
}
