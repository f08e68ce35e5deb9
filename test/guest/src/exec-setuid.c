// execve(2): a set-user-ID file changes the effective and saved ids, AT_SECURE says so; scripts and no_new_privs do not.
#include "t.h"
#include <linux/auxvec.h>
#include <linux/prctl.h>
static int run(void *nnp) {
  SC(setresgid, 1000, 1000, 1000);
  SC(setresuid, 1000, 1000, 1000);
  if (nnp) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  char *a[] = { "p", "x", NULL };
  return execve("./prog", a, NULL);
}
int main(int argc, char **argv) {
  if (argc > 1) {
    u32 r, e, s, rg, eg, sg;
    SC(getresuid, &r, &e, &s);
    SC(getresgid, &rg, &eg, &sg);
    printf("uid %d %d %d gid %d %d %d secure %ld\n", r, e, s, rg, eg, sg, getauxval(AT_SECURE));
    return 0;
  }
  static char b[100000];
  long n = slurp("/proc/self/exe", b, sizeof b);
  int fd = open("prog", O_WRONLY | O_CREAT, 0755);
  write(fd, b, n);
  close(fd);
  reap("plain", spawn(run, 0));
  chown("prog", 50, 60);
  chmod("prog", 04755);
  reap("setuid", spawn(run, 0));
  chmod("prog", 02755);
  reap("setgid", spawn(run, 0));
  chmod("prog", 06755);
  reap("no_new_privs", spawn(run, (void *)1));
}
