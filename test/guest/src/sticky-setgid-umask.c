// inode(7), umask(2): sticky directories, group inheritance by setgid directories, suid/sgid cleared by writes and chown, umask at
// creation.
#include "t.h"
static u32 mode(const char *p) {
  struct stat st;
  return stat_(p, &st) < 0 ? 0 : st.st_mode;
}
static u32 group(const char *p) {
  struct stat st;
  return stat_(p, &st) < 0 ? 9999 : st.st_gid;
}
static int user(void *a) {
  SC(setgroups, 0, 0);
  SC(setresgid, 1000, 1000, 1000);
  SC(setresuid, 1000, 1000, 1000);
  E("delete other's in sticky", unlink("sticky/root"));
  E("rename other's", rename("sticky/root", "sticky/r2"));
  put("sticky/own", "");
  E("delete own", unlink("sticky/own"));
  put("sg/f", "");
  mkdir("sg/d", 0755);
  printf("inherited %u %u, dir mode %o\n", group("sg/f"), group("sg/d"), mode("sg/d"));
  put("suid", "x");
  chmod("suid", 06777);
  printf("set %o\n", mode("suid"));
  int fd = open("suid", O_WRONLY);
  write(fd, "y", 1);
  printf("after write %o\n", mode("suid"));
  chmod("suid", 06777);
  ftruncate(fd, 0);
  printf("after truncate %o\n", mode("suid"));
  chmod("suid", 06777);
  chown("suid", -1, 1000);
  printf("after chown %o\n", mode("suid"));
  chmod("suid", 06767);
  chown("suid", -1, 1000);
  printf("without group x %o\n", mode("suid"));
  chmod("sg/f", 02755);
  printf("sgid for a foreign group %o\n", mode("sg/f"));
  return 0;
}
int main(void) {
  printf("umask was %lo\n", umask(0));
  put("m0", "");
  printf("%o\n", mode("m0"));
  umask(0777);
  put("m777", "");
  printf("%o\n", mode("m777"));
  printf("masked to %lo\n", (umask(07777), umask(022)));
  mkdir("sticky", 0777);
  chmod("sticky", 01777);
  put("sticky/root", "");
  mkdir("sg", 0777);
  chown("sg", 0, 60);
  chmod("sg", 02777);
  chmod(".", 0777);
  reap("user", spawn(user, 0));
}
