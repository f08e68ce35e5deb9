// execveat(2): relative to a descriptor, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, scripts by descriptor.
#include "t.h"
#include <linux/auxvec.h>
#define AT_EMPTY_PATH 0x1000
int main(int argc, char **argv) {
  if (argc > 1) {
    char *f = (char *)getauxval(AT_EXECFN);
    printf("ran as %s execfn %s\n", argv[0], strncmp(f, "/dev/fd/", 8) == 0 ? "/dev/fd/N" : f);
    return 0;
  }
  static char b[100000];
  long n = slurp("/proc/self/exe", b, sizeof b);
  mkdir("d", 0755);
  int fd = open("d/prog", O_WRONLY | O_CREAT, 0755);
  write(fd, b, n);
  close(fd);
  symlink("prog", "d/link");
  int d = open("d", O_PATH), e = open("d/prog", O_PATH);
  char *a[] = { "zero", "x", NULL };
  long pid;
  if ((pid = fork()) == 0) exit(-SC(execveat, d, "prog", a, environ, 0));
  reap("dirfd", pid);
  if ((pid = fork()) == 0) exit(-SC(execveat, e, "", a, environ, AT_EMPTY_PATH));
  reap("empty path", pid);
  if ((pid = fork()) == 0) exit(-SC(execveat, AT_FDCWD, "d/link", a, environ, 0));
  reap("cwd", pid);
  E("nofollow", SC(execveat, d, "link", a, environ, AT_SYMLINK_NOFOLLOW));
  E("empty without flag", SC(execveat, e, "", a, environ, 0));
  E("missing", SC(execveat, d, "no", a, environ, 0));
  E("bad fd", SC(execveat, 99, "prog", a, environ, 0));
  E("flags", SC(execveat, d, "prog", a, environ, 1));
  E("not a directory", SC(execveat, e, "prog", a, environ, 0));
}
