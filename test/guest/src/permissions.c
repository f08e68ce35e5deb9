// path_resolution(7): owner, group and other classes for an unprivileged user; search permission on directories; root's exceptions.
#include "t.h"
static int nobody(void *a) {
  u32 groups[1] = { 50 };
  SC(setgroups, 1, groups);
  SC(setresgid, 1000, 1000, 1000);
  SC(setresuid, 1000, 1000, 1000);
  E("other readable", open("o4", O_RDONLY));
  E("other readable, write", open("o4", O_WRONLY));
  E("owner class wins", open("mine0", O_RDONLY));
  E("group class wins", open("group0", O_RDONLY));
  E("supplementary group", open("sup", O_RDONLY));
  E("no search", open("locked/f", O_RDONLY));
  E("stat through no search", access("locked/f", 0));
  E("no read of dir", open("xonly", O_RDONLY));
  E("but search", open("xonly/f", O_RDONLY));
  E("create in root's dir", open("ronly/new", O_WRONLY | O_CREAT, 0644));
  E("unlink there", unlink("ronly/f"));
  E("chmod of root's", chmod("o4", 0777));
  E("chown of mine", chown("mine0", 1001, -1));
  E("chgrp to my group", chown("mine0", -1, 50));
  E("chgrp to another", chown("mine0", -1, 77));
  E("chmod of mine", chmod("mine0", 0600));
  E("now readable", open("mine0", O_RDONLY));
  E("exec without x", execve("o4", NULL, NULL));
  E("O_TRUNC needs write", open("o4", O_RDONLY | O_TRUNC));
  E("mknod device", mknod("w/null", S_IFCHR | 0666, makedev(1, 3)));

  E("utimes now of root's", SC(utimensat, AT_FDCWD, "o4", 0, 0));
  E("O_NOATIME", open("o4", O_RDONLY | O_NOATIME));
  return 0;
}
int main(void) {
  mkdir("t", 0755);
  chdir("t");
  put("o4", "x");
  chmod("o4", 0604);
  put("mine0", "x");
  chmod("mine0", 0077);
  chown("mine0", 1000, 0);
  put("group0", "x");
  chmod("group0", 0604);
  chown("group0", 0, 1000);
  put("sup", "x");
  chmod("sup", 0040);
  chown("sup", 0, 50);
  mkdir("locked", 0700);
  put("locked/f", "");
  mkdir("xonly", 0711);
  put("xonly/f", "");
  mkdir("ronly", 0755);
  put("ronly/f", "");
  mkdir("w", 0755);
  chmod("w", 0777);
  reap("nobody", spawn(nobody, 0));
  put("zero", "x");
  chmod("zero", 0);
  E("root reads mode 0", open("zero", O_RDWR));
  E("root searches mode 0", (chmod("locked", 0), access("locked/f", 0)));
  E("root executes mode 0", execve("zero", NULL, NULL));
  E("access X", access("zero", 1));
}
