// Attacks by changing what the kernel looks at while it looks (SECURITY.md, "User space against the kernel"): a thread flips memory, links, directories and
// mounts under calls of another one. Each line says how often the attack came through.
#include "seccomp.h"
#include <linux/openat2.h>
#define ROUNDS 400
static volatile int stop;
static volatile long turns;
static char path[64];
static struct thread flipper;
static struct iovec iov;
static struct sock_filter code[2];
static void begin(int (*flip)(void *)) {
  stop = 0;
  thread_start(&flipper, flip, 0);
  for (long t = turns; turns == t;) SC(sched_yield);
}
static void end(const char *label, long leaks) {
  stop = 1;
  thread_join(&flipper);
  printf("%s: %ld\n", label, leaks);
}
#define FLIP(name, a, b) static int name(void *x) { while (!stop) { a; SC(sched_yield); b; SC(sched_yield); turns++; } return 0; }
FLIP(paths, memcpy(path, "public", 7), memcpy(path, "secret", 7))
FLIP(links, (symlink("public", "l.new"), rename("l.new", "l")), (symlink("secret", "l.new"), rename("l.new", "l")))
FLIP(kinds, (unlink("k"), symlink("secret", "k")), (unlink("k"), put("k", "p")))
FLIP(rooms, renameat2(AT_FDCWD, "jail/d", AT_FDCWD, "out", 0), renameat2(AT_FDCWD, "out", AT_FDCWD, "jail/d", 0))
FLIP(mounts, SC(mount, "elsewhere", "jail/m", 0, 4096, 0), SC(umount2, "jail/m", 2))
FLIP(vectors, iov = ((struct iovec){ path, 8 }), iov = ((struct iovec){ (void *)-8192L, 8 }))
FLIP(lengths, iov.iov_len = 8, iov.iov_len = -1)
FLIP(filters, code[0] = ((struct sock_filter)RET(SECCOMP_RET_ALLOW)), code[0] = ((struct sock_filter){ 0xffff, 9, 9, 9 }))
/** Is "secret" what the descriptor leads to? */
static long leaks(long fd) {
  char b[8] = { 0 };
  if (fd < 0) return 0;
  read(fd, b, 8);
  close(fd);
  return memcmp(b, "secret", 6) == 0;
}
static long open2(int dir, const char *p, u64 resolve) {
  struct open_how h = { .flags = O_RDONLY, .resolve = resolve };
  return SC(openat2, dir, p, &h, sizeof h);
}
static int user(void *a) {
  long n = 0;
  must(SC(setresuid, 7, 7, 7));
  begin(paths);
  for (int i = 0; i < ROUNDS; i++) n += leaks(open(path, O_RDONLY));
  end("a path that becomes a secret's after the check", n);
  n = 0;
  begin(links);
  for (int i = 0; i < ROUNDS; i++) n += leaks(open("l", O_RDONLY));
  end("a link that becomes a secret's", n);
  n = 0;
  begin(kinds);
  for (int i = 0; i < ROUNDS; i++) n += open("k", O_RDONLY | O_NOFOLLOW) >= 0 && readlink("/proc/self/fd/5", path, 0) > 0;
  end("a file that becomes a link under O_NOFOLLOW", n);
  return 0;
}
static int jailer(void *a) {
  long n = 0;
  int jail = must(open("jail", O_PATH | O_DIRECTORY));
  begin(rooms);
  for (int i = 0; i < ROUNDS; i++) {
    n += leaks(open2(jail, "d/../../secret", RESOLVE_BENEATH));
    n += leaks(open2(jail, "d/../../secret", RESOLVE_IN_ROOT));
  }
  end("a directory that moves out while its parent is looked up", n);
  n = 0;
  begin(mounts);
  for (int i = 0; i < ROUNDS; i++) n += leaks(open2(jail, "m/secret", RESOLVE_BENEATH | RESOLVE_NO_XDEV));
  end("a mount that appears under RESOLVE_NO_XDEV", n);
  n = 0;
  begin(links);
  for (int i = 0; i < ROUNDS; i++) n += leaks(open2(AT_FDCWD, "l", RESOLVE_NO_SYMLINKS));
  end("a link that appears under RESOLVE_NO_SYMLINKS", n);
  return 0;
}
static int memory(void *a) {
  long n = 0;
  int f = open("public", O_RDWR);
  iov = (struct iovec){ path, 8 };
  begin(vectors);
  for (int i = 0; i < ROUNDS; i++) {
    long r = SC(preadv, f, &iov, 1, 0, 0);
    n += r != -14 && r != 6;
  }
  end("an iovec that points into the kernel after the check", n);
  n = 0;
  begin(lengths);
  for (int i = 0; i < ROUNDS; i++) {
    long r = SC(preadv, f, &iov, 1, 0, 0);
    n += r != -22 && r != -14 && r != 6;
  }
  end("an iovec whose length becomes negative", n);
  n = 0;
  code[1] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
  no_new_privs();
  struct sock_fprog p = { 2, code };
  begin(filters);
  for (int i = 0; i < 60; i++) {
    long r = SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, &p);
    n += r != 0 && r != -22;
  }
  end("a filter that changes while it is checked", n);
  printf("and calls are still made: %s\n", err(SC(getpgid, 0) > 0 ? 0 : -1));
  return 0;
}
int main(void) {
  put("public", "public");
  put("secret", "secret");
  chmod("secret", 0600);
  chmod(".", 0777);
  mkdir("jail", 0755);
  mkdir("jail/d", 0755);
  mkdir("jail/m", 0755);
  mkdir("elsewhere", 0755);
  put("elsewhere/secret", "secret");
  symlink("public", "l");
  chown("l", 7, 7);
  reap("user", spawn(user, 0));
  reap("jail", spawn(jailer, 0));
  reap("memory", spawn(memory, 0));
}
