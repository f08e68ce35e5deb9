// xattr(7): user attributes: set, get, list, remove, flags, sizes, name space rules.
// The host records this on tmpfs of Linux >= 6.6, which has user attributes.
#include "t.h"
int main(void) {
  char b[64] = "";
  put("f", "");
  E("set", SC(setxattr, "f", "user.a", "value", 5, 0));
  V("size", SC(getxattr, "f", "user.a", 0, 0));
  V("get", SC(getxattr, "f", "user.a", b, 64));
  printf("%s\n", b);
  E("small", SC(getxattr, "f", "user.a", b, 2));
  E("create again", SC(setxattr, "f", "user.a", "x", 1, 1));
  E("replace missing", SC(setxattr, "f", "user.b", "x", 1, 2));
  E("replace", SC(setxattr, "f", "user.a", "new", 3, 2));
  V("list", SC(listxattr, "f", b, 64));
  printf("%s\n", b);
  E("missing", SC(getxattr, "f", "user.none", b, 64));
  E("no name space", SC(setxattr, "f", "plain", "x", 1, 0));
  E("unknown name space", SC(setxattr, "f", "weird.x", "x", 1, 0));
  E("remove", SC(removexattr, "f", "user.a"));
  E("again", SC(removexattr, "f", "user.a"));
  V("empty list", SC(listxattr, "f", b, 64));
  symlink("f", "l");
  E("user on a symlink", SC(lsetxattr, "l", "user.a", "x", 1, 0));
  int fd = open("f", O_RDONLY);
  E("by fd", SC(fsetxattr, fd, "user.c", "", 0, 0));
  V("empty value", SC(fgetxattr, fd, "user.c", b, 64));
}
