// utimensat(2): explicit times, UTIME_NOW, UTIME_OMIT, links, errors; write, chmod and link update mtime or ctime.
#include "t.h"
#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe
static struct stat st;
static void show(const char *l, const char *p) {
  lstat_(p, &st);
  printf("%s: a %ld.%09lu m %ld.%09lu\n", l, (long)st.st_atime, (u64)st.st_atime_nsec, (long)st.st_mtime, (u64)st.st_mtime_nsec);
}
int main(void) {
  put("f", "x");
  symlink("f", "l");
  struct timespec t[2] = { { 1000, 123456789 }, { 2000, 999999999 } };
  E("set", SC(utimensat, AT_FDCWD, "f", t, 0));
  show("f", "f");
  t[0].tv_nsec = UTIME_OMIT;
  t[1] = (struct timespec){ 3000, 0 };
  E("omit", SC(utimensat, AT_FDCWD, "f", t, 0));
  show("f", "f");
  t[0].tv_nsec = UTIME_NOW;
  t[1].tv_nsec = UTIME_OMIT;
  E("now", SC(utimensat, AT_FDCWD, "f", t, 0));
  stat_("f", &st);
  printf("recent %d mtime kept %ld\n", st.st_atime > 100000, (long)st.st_mtime);
  t[0] = (struct timespec){ -5, 5 };
  t[1] = (struct timespec){ 1l << 33, 7 };
  E("before 1970 and after 2106", SC(utimensat, AT_FDCWD, "f", t, 0));
  show("f", "f");
  E("the link itself", SC(utimensat, AT_FDCWD, "l", t, AT_SYMLINK_NOFOLLOW));
  show("l", "l");
  int fd = open("f", O_RDONLY);
  t[0] = t[1] = (struct timespec){ 50, 0 };
  E("by fd", SC(utimensat, fd, 0, t, 0));
  show("f", "f");
  E("bad nsec", (t[0].tv_nsec = 1000000000, SC(utimensat, AT_FDCWD, "f", t, 0)));
  E("missing", SC(utimensat, AT_FDCWD, "x", 0, 0));
  t[0].tv_nsec = 0;
  SC(utimensat, AT_FDCWD, "f", t, 0);
  stat_("f", &st);
  long c = st.st_ctime;
  printf("ctime is now %d\n", c > 100000);
  fd = open("f", O_RDWR);
  write(fd, "", 0);
  stat_("f", &st);
  printf("empty write %ld\n", (long)st.st_mtime);
  write(fd, "y", 1);
  stat_("f", &st);
  printf("write %d\n", st.st_mtime > 100000);
  SC(utimensat, AT_FDCWD, "f", t, 0);
  ftruncate(fd, 0);
  stat_("f", &st);
  printf("truncate %d\n", st.st_mtime > 100000);
  SC(utimensat, AT_FDCWD, "f", t, 0);
  chmod("f", 0600);
  stat_("f", &st);
  printf("chmod keeps mtime %d\n", st.st_mtime == 50);
  mkdir("d", 0755);
  SC(utimensat, AT_FDCWD, "d", t, 0);
  put("d/x", "");
  stat_("d", &st);
  printf("entry made in dir %d\n", st.st_mtime > 100000);
  SC(utimensat, AT_FDCWD, "d", t, 0);
  unlink("d/x");
  stat_("d", &st);
  printf("entry removed %d\n", st.st_mtime > 100000);
}
