// proc(5) mount options hidepid= and gid=: what an ordinary user sees of the processes of others, and of its own.
#include "t.h"
static long other;
static const char *list(int pid) {
  static char b[32768];
  char want[16];
  snprintf(want, sizeof want, "%d", pid);
  int fd = open("p", O_RDONLY | O_DIRECTORY);
  long n;
  const char *seen = "hidden";
  while ((n = getdents(fd, b, sizeof b)) > 0)
    for (long at = 0; at < n; at += ((struct dirent64 *)(b + at))->d_reclen)
      if (strcmp(((struct dirent64 *)(b + at))->d_name, want) == 0) seen = "listed";
  close(fd);
  return seen;
}
static void look(const char *label, int pid) {
  char path[32];
  struct stat st;
  snprintf(path, sizeof path, "p/%d", pid);
  printf("%s: %s, stat %s", label, list(pid), err(stat_(path, &st)));
  snprintf(path, sizeof path, "p/%d/status", pid);
  printf(", status %s", err(open(path, O_RDONLY)));
  snprintf(path, sizeof path, "p/%d", pid);
  int fd = open(path, O_RDONLY | O_DIRECTORY);
  char b[4096];
  printf(", open %s\n", err(fd < 0 ? fd : getdents(fd, b, sizeof b)));
}
static int user(void *group) {
  u32 g = 44;
  SC(setgroups, group ? 1 : 0, &g);
  SC(setresgid, 7, 7, 7);
  SC(setresuid, 7, 7, 7);
  look("other's", other);
  look("own", getpid());
  printf("self: %s\n", err(open("p/self/status", O_RDONLY)));
  return 0;
}
static int sleeper(void *a) { for (;;) msleep(1000); }
int main(void) {
  mkdir("p", 0755);
  other = spawn(sleeper, 0);
  static const char *options[] = { "hidepid=0", "hidepid=1", "hidepid=2", "hidepid=invisible,gid=44", "hidepid=ptraceable", "hidepid=noaccess", "gid=44,hidepid=4" };
  for (int i = 0; i < 7; i++) {
    printf("%s: %s\n", options[i], err(SC(mount, "proc", "p", "proc", 0, options[i])));
    reap("user", spawn(user, 0));
    reap("group", spawn(user, (void *)1));
    look("root", other);
    SC(umount2, "p", 2);
  }
  E("bad value", SC(mount, "proc", "p", "proc", 0, "hidepid=3"));
  E("bad name", SC(mount, "proc", "p", "proc", 0, "nonsense=1"));
  kill(other, SIGKILL);
}
