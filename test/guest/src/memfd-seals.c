// memfd_create(2), fcntl(2) "File sealing": each seal and what it refuses, executability, names, reopening, sharing.
#include "mm.h"
#include <linux/memfd.h>
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#define MFD_EXEC 0x10u
#endif
#define SEAL(fd, s) fcntl(fd, F_ADD_SEALS, s)
static int make(const char *name, unsigned flags) {
  int fd = SC(memfd_create, name, flags);
  ftruncate(fd, 2 * PAGE);
  return fd;
}
static void mode(const char *l, int fd) {
  struct stat st;
  fstat(fd, &st);
  printf("%s: mode %o seals %ld\n", l, st.st_mode, fcntl(fd, F_GET_SEALS));
}
int main(void) {
  mode("plain", make("a", MFD_EXEC));
  mode("allow", make("a", MFD_EXEC | MFD_ALLOW_SEALING));
  mode("noexec", make("a", MFD_NOEXEC_SEAL));
  E("both kinds", SC(memfd_create, "a", MFD_EXEC | MFD_NOEXEC_SEAL));
  char name[300];
  memset(name, 'n', 299);
  name[299] = 0;
  E("name too long", SC(memfd_create, name, MFD_EXEC));
  name[249] = 0;
  E("longest name", SC(memfd_create, name, MFD_EXEC));
  E("empty name", SC(memfd_create, "", MFD_EXEC));
  E("bad pointer", SC(memfd_create, 8, MFD_EXEC));
  E("unknown flag", SC(memfd_create, "a", 0x400));
  int fd = make("b", MFD_EXEC);
  E("sealing not allowed", SEAL(fd, F_SEAL_SHRINK));
  // grow and shrink
  fd = make("b", MFD_EXEC | MFD_ALLOW_SEALING);
  E("seal shrink", SEAL(fd, F_SEAL_SHRINK));
  E("truncate down", ftruncate(fd, PAGE));
  E("truncate same", ftruncate(fd, 2 * PAGE));
  E("truncate up", ftruncate(fd, 3 * PAGE));
  E("punch", fallocate(fd, 3, 0, PAGE));
  E("seal grow", SEAL(fd, F_SEAL_GROW));
  E("truncate up", ftruncate(fd, 4 * PAGE));
  E("fallocate beyond", fallocate(fd, 0, 3 * PAGE, PAGE));
  E("fallocate inside", fallocate(fd, 0, 0, PAGE));
  V("write over the end", pwrite(fd, "0123456789", 10, 3 * PAGE - 4));
  V("write at the end", pwrite(fd, "0", 1, 3 * PAGE));
  // write
  fd = make("c", MFD_EXEC | MFD_ALLOW_SEALING);
  char *w = mmap(0, PAGE, RW, MAP_SHARED, fd, 0);
  E("seal write, mapped writable", SEAL(fd, F_SEAL_WRITE));
  mprotect(w, PAGE, PROT_READ);
  E("seal write, could become writable", SEAL(fd, F_SEAL_WRITE));
  munmap(w, PAGE);
  w = mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0);
  E("seal write, private mapping", SEAL(fd, F_SEAL_WRITE));
  w[0] = 1;
  V("write", pwrite(fd, "x", 1, 0));
  E("map shared writable", mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
  char *r = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  E("map shared read only", r);
  E("mprotect", mprotect(r, PAGE, RW));
  E("map private writable", mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0));
  E("punch", fallocate(fd, 3, 0, PAGE));
  E("truncate still works", ftruncate(fd, PAGE));
  E("madvise REMOVE", madvise(r, PAGE, MADV_REMOVE));
  // future write
  fd = make("d", MFD_EXEC | MFD_ALLOW_SEALING);
  w = mmap(0, PAGE, RW, MAP_SHARED, fd, 0);
  E("seal future write", SEAL(fd, F_SEAL_FUTURE_WRITE));
  w[0] = 'F';
  char c = 0;
  pread(fd, &c, 1, 0);
  printf("old mapping writes %c\n", c);
  V("write", pwrite(fd, "x", 1, 0));
  E("new mapping", mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
  r = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  E("mprotect of a new one", mprotect(r, PAGE, RW));
  E("mprotect of the old one", mprotect(w, PAGE, RW));
  // seal seal, unknown seals, descriptors
  E("unknown seal", SEAL(fd, 0x1000));
  E("seal seal", SEAL(fd, F_SEAL_SEAL));
  E("no more", SEAL(fd, F_SEAL_GROW));
  printf("seals %ld\n", fcntl(fd, F_GET_SEALS));
  fd = make("e", MFD_EXEC | MFD_ALLOW_SEALING);
  char path[40];
  snprintf(path, 40, "/proc/self/fd/%d", fd);
  int ro = open(path, O_RDONLY);
  E("reopen read only", ro < 0 ? ro : 0);
  E("seal through it", SEAL(ro, F_SEAL_GROW));
  printf("shared seals %ld\n", (SEAL(fd, F_SEAL_GROW), fcntl(ro, F_GET_SEALS)));
  E("reopen writable", open(path, O_RDWR) < 0 ? -1 : 0);
  // exec
  fd = make("f", MFD_EXEC | MFD_ALLOW_SEALING);
  E("seal exec on an executable", SEAL(fd, F_SEAL_EXEC));
  mode("then", fd);
  E("chmod -x", fchmod(fd, 0600));
  E("chmod, x kept", fchmod(fd, 0711));
  fd = make("g", MFD_NOEXEC_SEAL);
  E("chmod +x", fchmod(fd, 0755));
  E("chmod rest", fchmod(fd, 0600));
  E("seal more", SEAL(fd, F_SEAL_WRITE));
  // seals of other files
  E("seals of a pipe", ({ int p[2]; pipe(p); fcntl(p[0], F_GET_SEALS); }));
  put("t", "x");
  V("seals of a tmpfs file", fcntl(open("t", O_RDWR), F_GET_SEALS));
  // shared over fork
  fd = make("h", MFD_EXEC);
  w = mmap(0, PAGE, RW, MAP_SHARED, fd, 0);
  long pid = fork();
  if (pid == 0) { w[0] = 'C'; ftruncate(fd, 3 * PAGE); exit(0); }
  waitpid(pid, 0, 0);
  struct stat st;
  fstat(fd, &st);
  printf("child wrote %c, size %ld\n", w[0], st.st_size / PAGE);
  E("hole seek", lseek(fd, 0, 4) == PAGE ? 0 : -1);
}
