// getrandom(2), uname(2), sysinfo(2), sethostname(2): lengths and flags, fixed facts, plausible numbers.
#include "t.h"
#include <linux/utsname.h>
#include <linux/sysinfo.h>
int main(void) {
  u8 a[300], b[300];
  V("getrandom", SC(getrandom, a, 300, 0));
  SC(getrandom, b, 300, 0);
  printf("differ %d\n", memcmp(a, b, 300) != 0);
  V("nonblock", SC(getrandom, a, 8, 1));
  V("random", SC(getrandom, a, 8, 2));
  V("insecure", SC(getrandom, a, 8, 4));
  E("both", SC(getrandom, a, 8, 6));
  E("bad flag", SC(getrandom, a, 8, 8));
  V("zero", SC(getrandom, a, 0, 0));
  E("bad pointer", SC(getrandom, 8, 8, 0));
  struct new_utsname u;
  SC(uname, &u);
  printf("%s %s\n", u.sysname, u.nodename);
  printf("release has dots %d\n", strchr(u.release, '.') != NULL);
  E("sethostname", SC(sethostname, "renamed", 7));
  SC(uname, &u);
  printf("%s\n", u.nodename);
  E("too long", SC(sethostname, a, 65));
  E("setdomainname", SC(setdomainname, "dom", 3));
  SC(uname, &u);
  printf("%s\n", u.domainname);
  struct sysinfo s;
  E("sysinfo", SC(sysinfo, &s));
  printf("ram %d free %d procs %d unit %d uptime %d\n", s.totalram > 0, s.freeram <= s.totalram, s.procs > 0, s.mem_unit > 0,
         s.uptime >= 0);
  long pid = fork();
  if (pid == 0) {
    SC(setresuid, 5, 5, 5);
    E("unprivileged", SC(sethostname, "x", 1));
    exit(0);
  }
  reap("child", pid);
}
