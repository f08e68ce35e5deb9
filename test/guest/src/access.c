// access(2), faccessat2(2): real ids by default, effective with AT_EACCESS, links with AT_SYMLINK_NOFOLLOW.
#include "t.h"
#ifndef __NR_faccessat2
#define __NR_faccessat2 439
#endif
#define AT_EACCESS 0x200
static int user(void *a) {
  SC(setresuid, 1000, 0, 0);
  E("real uid may not", access("root", 4));
  E("effective may", SC(faccessat2, AT_FDCWD, "root", 4, AT_EACCESS));
  SC(setresuid, 0, 1000, 0);
  E("real root may", access("root", 4));
  E("effective may not", SC(faccessat2, AT_FDCWD, "root", 4, AT_EACCESS));
  return 0;
}
int main(void) {
  put("root", "");
  chmod("root", 0600);
  put("x", "");
  chmod("x", 0711);
  symlink("nowhere", "l");
  E("F_OK", access("root", 0));
  E("RWX", access("root", 7));
  E("X of x", access("x", 1));
  E("missing", access("n", 0));
  E("bad mode", access("root", 8));
  E("dangling", access("l", 0));
  E("the link", SC(faccessat2, AT_FDCWD, "l", 0, AT_SYMLINK_NOFOLLOW));
  E("bad flag", SC(faccessat2, AT_FDCWD, "x", 0, 4));
  E("below a file", access("x/y", 0));
  reap("user", spawn(user, 0));
}
