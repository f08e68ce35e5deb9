// proc(5) /proc/self/maps: format, permissions, file names and offsets, stack and heap, merging of neighbours.
#include "t.h"
static char b[16384];
static void line(const char *l, const void *at) {
  slurp("/proc/self/maps", b, sizeof b);
  char key[32];
  snprintf(key, 32, "%08lx-", (u64)at);
  char *p = strstr(b, key);
  if (!p) {
    printf("%s: none\n", l);
    return;
  }
  char *e = strchr(p, '\n');
  *e = 0;
  char *sp = strchr(p, ' ');
  u64 end = 0;
  for (char *c = p + strlen(key); *c != ' '; c++) end = end * 16 + (*c <= '9' ? *c - '0' : *c - 'a' + 10);
  sp[14] = 0;
  char *name = e;
  while (name[-1] != ' ' && name[-1] != '/') name--;
  printf("%s: pages %lu%s%s\n", l, (end - (u64)at) / PAGE, sp, name[-1] == '/' || *name == '[' ? name : "");
}
int main(void) {
  char *area = mmap(0, 40 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(area, 40 * PAGE);
  area += 10 * PAGE;
  char *a = mmap(area, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  line("anonymous", a);
  mprotect(a + PAGE, PAGE, PROT_READ);
  line("split 1", a);
  line("split 2", a + PAGE);
  line("split 3", a + 2 * PAGE);
  mprotect(a + PAGE, PAGE, PROT_READ | PROT_WRITE);
  line("joined", a);
  mprotect(a, PAGE, PROT_NONE);
  line("none", a);
  mprotect(a, PAGE, PROT_READ | PROT_EXEC);
  line("exec", a);
  put("file", "x");
  int fd = open("file", O_RDWR);
  ftruncate(fd, 3 * PAGE);
  char *f = mmap(area + 10 * PAGE, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, PAGE);
  line("shared file", f);
  unlink("file");
  slurp("/proc/self/maps", b, sizeof b);
  printf("deleted %d\n", strstr(b, "(deleted)") != NULL);
  printf("stack %d\n", strstr(b, "[stack]") != NULL);
  brk((char *)brk(0) + PAGE);
  slurp("/proc/self/maps", b, sizeof b);
  printf("heap %d\n", strstr(b, "[heap]") != NULL);
  int sorted = 1;
  u64 last = 0;
  for (char *p = b; *p; p = strchr(p, '\n') + 1) {
    u64 v = 0;
    for (char *c = p; *c != '-'; c++) v = v * 16 + (*c <= '9' ? *c - '0' : *c - 'a' + 10);
    if (v < last) sorted = 0;
    last = v;
  }
  printf("sorted %d\n", sorted);
}
