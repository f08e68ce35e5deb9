// capabilities(7): capget/capset, dropping, what a dropped capability forbids, ambient and bounding basics, exec as root and not.
#include "t.h"
#include <linux/capability.h>
#include <linux/prctl.h>
static struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
static struct __user_cap_data_struct d[2];
static int drop(void *a) {
  SC(capget, &h, d);
  d[0].effective &= ~((1u << CAP_CHOWN) | (1u << CAP_DAC_OVERRIDE) | (1u << CAP_DAC_READ_SEARCH) | (1u << CAP_SETUID));
  E("drop effective", SC(capset, &h, d));
  put("f", "");
  E("chown", chown("f", 5, 5));
  chmod("f", 0);
  E("open mode 0", open("f", O_RDONLY));
  E("setuid", SC(setuid, 5));
  SC(capget, &h, d);
  d[0].effective |= 1u << CAP_CHOWN;
  E("raise from permitted", SC(capset, &h, d));
  E("chown", chown("f", 5, 5));
  d[0].effective &= ~(1u << CAP_CHOWN);
  d[0].permitted &= ~(1u << CAP_CHOWN);
  E("drop permitted", SC(capset, &h, d));
  d[0].permitted |= 1u << CAP_CHOWN;
  E("raise permitted", SC(capset, &h, d));
  return 0;
}
static int become(void *a) {
  SC(setresuid, 7, 7, 7);
  SC(capget, &h, d);
  printf("user has %x %x\n", d[0].effective, d[0].permitted);
  return 0;
}
static int keep(void *a) {
  prctl(PR_SET_KEEPCAPS, 1);
  SC(setresuid, 7, 7, 7);
  SC(capget, &h, d);
  printf("kept effective %x permitted has chown %d\n", d[0].effective, (d[0].permitted >> CAP_CHOWN) & 1);
  return 0;
}
static int euid(void *a) {
  SC(setresuid, -1, 7, -1);
  SC(capget, &h, d);
  printf("euid 7: effective %x permitted %d\n", d[0].effective, d[0].permitted != 0);
  SC(setresuid, -1, 0, -1);
  SC(capget, &h, d);
  printf("euid 0: effective %d\n", d[0].effective != 0);
  return 0;
}
int main(void) {
  E("get", SC(capget, &h, d));
  printf("root has chown %d kill %d sys_admin %d\n", (d[0].effective >> CAP_CHOWN) & 1, (d[0].effective >> CAP_KILL) & 1,
         (d[0].effective >> CAP_SYS_ADMIN) & 1);
  reap("drop", spawn(drop, 0));
  reap("become", spawn(become, 0));
  reap("keep", spawn(keep, 0));
  reap("euid", spawn(euid, 0));
  h.version = 1;
  E("bad version", SC(capget, &h, d));
  printf("preferred %d\n", h.version == _LINUX_CAPABILITY_VERSION_3);
  h.pid = 99999;
  E("none", SC(capget, &h, d));
  V("bounding chown", prctl(PR_CAPBSET_READ, CAP_CHOWN));
  E("bounding bad", prctl(PR_CAPBSET_READ, 99));
}
