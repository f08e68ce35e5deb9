// mount(2), umount2(2): tmpfs, bind, read-only remount, busy, move; device numbers change; unprivileged is EPERM.
#include "t.h"
#include <linux/mount.h>
int main(void) {
  int home = open(".", O_RDONLY);
  struct stat a, b;
  mkdir("m", 0755);
  mkdir("n", 0755);
  put("m/below", "x");
  E("tmpfs", SC(mount, "none", "m", "tmpfs", 0, 0));
  E("hidden", access("m/below", 0));
  put("m/f", "inside");
  stat_(".", &a);
  stat_("m", &b);
  printf("other device %d\n", a.st_dev != b.st_dev);
  E("rename across", rename("m/f", "f"));
  E("link across", link("m/f", "f"));
  E("rmdir a mount point", rmdir("m"));
  E("bind", SC(mount, "m", "n", 0, MS_BIND, 0));
  cat("n/f", "n/f");
  E("remount ro", SC(mount, "none", "m", 0, MS_REMOUNT | MS_RDONLY, 0));
  E("write", open("m/f", O_WRONLY));
  E("create", open("m/g", O_WRONLY | O_CREAT, 0644));
  E("unlink", unlink("m/f"));
  E("mkdir", mkdir("m/d", 0755));
  E("read", open("m/f", O_RDONLY));
  E("access W", access("m/f", 2));
  int fd = open("n/f", O_RDONLY);
  E("umount busy", SC(umount2, "n", 0));
  close(fd);
  E("umount bind", SC(umount2, "n", 0));
  E("umount not a mount", SC(umount2, "n", 0));
  chdir("m");
  E("busy by cwd", SC(umount2, "../m", 0));
  E("lazy", SC(umount2, "../m", 2));
  cat("still here", "f");
  fchdir(home);
  cat("below is back", "m/below");
  E("unknown type", SC(mount, "none", "m", "nofs", 0, 0));
  E("missing target", SC(mount, "none", "zz", "tmpfs", 0, 0));
  E("file target", SC(mount, "none", "m/below", "tmpfs", 0, 0));
  long pid = fork();
  if (pid == 0) {
    SC(setresuid, 5, 5, 5);
    E("unprivileged", SC(mount, "none", "m", "tmpfs", 0, 0));
    E("unprivileged umount", SC(umount2, "/proc", 0));
    exit(0);
  }
  reap("child", pid);
}
