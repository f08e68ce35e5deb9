// proc_pid_smaps(5), proc_pid_clear_refs(5), proc_pid_map_files(5): figures that follow what a program does with its memory.
#include "mm.h"
static char *p;
static void show(const char *l) {
  printf("%s: rss %ld pss %ld clean %ld+%ld dirty %ld+%ld anon %ld referenced %ld\n", l, smap(p, "Rss"), smap(p, "\nPss"), smap(p, "Shared_Clean"),
    smap(p, "Private_Clean"), smap(p, "Shared_Dirty"), smap(p, "Private_Dirty"), smap(p, "Anonymous"), smap(p, "Referenced"));
}
static void clear(const char *what) {
  int fd = open("/proc/self/clear_refs", O_WRONLY);
  printf("clear_refs %s: %s\n", what, err(write(fd, what, strlen(what))));
  close(fd);
}
int main(void) {
  p = mmap(place(16), 8 * PAGE, RW, ANON, -1, 0);
  printf("size %ld\n", smap(p, "Size"));
  show("untouched");
  LOOK(p);
  show("one read");
  memset(p, 1, 4 * PAGE);
  show("four written");
  struct gate g = gate();
  long pid = fork();
  if (pid == 0) { gate_wait(&g); exit(0); }
  show("after fork");
  TOUCH(p);
  show("one copied");
  gate_open(&g);
  waitpid(pid, 0, 0);
  show("alone again");
  clear("1");
  printf("referenced %ld\n", smap(p, "Referenced"));
  LOOK(p + PAGE);
  printf("referenced %ld\n", smap(p, "Referenced"));
  clear("2");
  clear("3");
  clear("5");
  clear("9");
  clear("x");
  munmap(p, 8 * PAGE);
  p = mmap(0, 4 * PAGE, RW, SHANON, -1, 0);
  memset(p, 1, 2 * PAGE);
  show("shared anonymous");
  printf("name %d\n", ({ u64 s, e; char *l = entry_("/proc/self/maps", p, &s, &e); *strchr(l, '\n') = 0; strstr(l, "/dev/zero (deleted)") != NULL; }));
  printf("inode %d\n", ({ u64 s, e; char *l = entry_("/proc/self/maps", p, &s, &e); *strchr(l, '\n') = 0; strstr(l, " 0 ") == NULL; }));
  put("file", "x");
  int fd = open("file", O_RDWR);
  ftruncate(fd, 4 * PAGE);
  p = mmap(0, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
  TOUCH(p);
  show("private file");
  char path[80], to[80] = "";
  snprintf(path, 80, "/proc/self/map_files/%lx-%lx", (u64)p, (u64)p + 4 * PAGE);
  V("map_files link", readlink(path, to, 79));
  printf("%s\n", to);
  struct stat a, b;
  stat_(path, &a);
  fstat(fd, &b);
  printf("the same file %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
  lstat_(path, &a);
  printf("mode %o\n", a.st_mode);
  int again = open(path, O_RDONLY);
  char c = 0;
  V("opens", pread(again, &c, 1, 0));
  printf("%c\n", c);
  snprintf(path, 80, "/proc/self/map_files/%lx-%lx", (u64)p, (u64)p + PAGE);
  E("part of a mapping", readlink(path, to, 79));
  E("nonsense", readlink("/proc/self/map_files/xyz", to, 79));
  E("anonymous", ({ char *q = mmap(place(8), PAGE, RW, ANON, -1, 0); snprintf(path, 80, "/proc/self/map_files/%lx-%lx", (u64)q, (u64)q + PAGE); readlink(path, to, 79); }));
  // the rollup is the sum
  long rss = 0, sum = 0;
  slurp("/proc/self/smaps", smaps_, sizeof smaps_);
  for (char *q = smaps_; (q = strstr(q, "\nRss:")); q++) sum += atol(q + 5 + strlen("            "));
  rss = atol(field("/proc/self/smaps_rollup", "Rss"));
  printf("rollup %d\n", rss > 0);
  mprotect(p, PAGE, PROT_READ);
  printf("rd %d wr %d ex %d sh %d mr %d mw %d me %d\n", vmflag(p, "rd"), vmflag(p, "wr"), vmflag(p, "ex"), vmflag(p, "sh"), vmflag(p, "mr"), vmflag(p, "mw"), vmflag(p, "me"));
}
