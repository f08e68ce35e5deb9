// credentials(7): setuid, setresuid, setreuid, setfsuid, groups; what an unprivileged process may set; getresuid.
#include "t.h"
static void show(const char *l) {
  u32 r, e, s, rg, eg, sg;
  SC(getresuid, &r, &e, &s);
  SC(getresgid, &rg, &eg, &sg);
  printf("%s: uid %d %d %d gid %d %d %d\n", l, r, e, s, rg, eg, sg);
}
static int a(void *x) {
  show("start");
  E("setresgid", SC(setresgid, 10, 11, 12));
  E("setresuid", SC(setresuid, 20, 21, 22));
  show("set");
  printf("getuid %ld geteuid %ld getgid %ld getegid %ld\n", SC(getuid), SC(geteuid), SC(getgid), SC(getegid));
  E("euid := saved", SC(setresuid, -1, 22, -1));
  E("euid := real", SC(setresuid, -1, 20, -1));
  show("now");
  E("euid := other", SC(setresuid, -1, 0, -1));
  E("setuid other", SC(setuid, 99));
  E("setuid saved", SC(setuid, 22));
  show("now");
  E("setgroups", SC(setgroups, 0, 0));
  return 0;
}
static int b(void *x) {
  E("setuid as root", SC(setuid, 5));
  show("all three");
  E("back", SC(setuid, 0));
  return 0;
}
static int c(void *x) {
  E("setreuid", SC(setreuid, 30, 31));
  show("saved follows");
  E("swap", SC(setreuid, 31, 30));
  show("swapped");
  return 0;
}
static int d(void *x) {
  u32 g[3] = { 7, 8, 9 }, out[8] = { 0 };
  E("setgroups", SC(setgroups, 3, g));
  V("count", SC(getgroups, 0, 0));
  V("get", SC(getgroups, 8, out));
  printf("%d %d %d\n", out[0], out[1], out[2]);
  E("small", SC(getgroups, 2, out));
  V("fsuid before", SC(setfsuid, 40));
  V("fsuid", SC(setfsuid, -1));
  E("bad uid", SC(setresuid, -1, -1, -1));
  E("setuid -1", SC(setuid, -1));
  return 0;
}
int main(void) {
  reap("a", spawn(a, 0));
  reap("b", spawn(b, 0));
  reap("c", spawn(c, 0));
  reap("d", spawn(d, 0));
}
