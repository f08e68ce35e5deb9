// landlock(7): rights on files beneath a directory, layer upon layer; link and rename between directories (REFER, EXDEV); truncation by
// descriptor; what is not restricted; inheritance over fork and exec; mount.
#include "landlock.h"
static void tree(void) {
  mkdir("ro", 0755);
  mkdir("rw", 0755);
  mkdir("rw/sub", 0755);
  mkdir("out", 0755);
  put("ro/f", "ro");
  put("rw/f", "rw");
  put("rw/g", "gg");
  put("out/f", "out");
}
static void try_open(const char *path, int flags) {
  long fd = open(path, flags, 0644);
  printf("%s %s%s%s%s: %s\n", path, (flags & 3) == 0 ? "r" : (flags & 3) == 1 ? "w" : "rw", flags & O_CREAT ? " create" : "", flags & O_TRUNC ? " trunc" : "", flags & O_DIRECTORY ? " dir" : "", err(fd));
  if (fd >= 0) close(fd);
}
static int basics(void *a) {
  long outer = open("out/f", O_RDWR);
  int rs = ll_new(ALL_FS, 0, 0);
  E("ro", ll_path(rs, "ro", READ_FILE | READ_DIR));
  E("rw", ll_path(rs, "rw", ALL_FS));
  E("enter", ll_enter(rs));
  try_open("ro/f", O_RDONLY);
  try_open("ro/f", O_WRONLY);
  try_open("ro/f", O_RDONLY | O_TRUNC);
  try_open("ro/new", O_WRONLY | O_CREAT);
  try_open("ro", O_RDONLY | O_DIRECTORY);
  try_open("rw/f", O_RDWR);
  try_open("rw/f", O_WRONLY | O_TRUNC);
  try_open("rw/new", O_RDWR | O_CREAT);
  try_open("out/f", O_RDONLY);
  try_open("out", O_RDONLY | O_DIRECTORY);
  try_open("out/f", O_PATH);
  try_open(".", O_RDONLY | O_DIRECTORY);
  E("mkdir ro", mkdir("ro/d", 0755));
  E("mkdir rw", mkdir("rw/d", 0755));
  E("rmdir rw", rmdir("rw/d"));
  E("unlink ro", unlink("ro/f"));
  E("unlink rw", unlink("rw/new"));
  E("symlink ro", symlink("x", "ro/l"));
  E("symlink rw", symlink("x", "rw/l"));
  E("mkfifo ro", mkfifo("ro/p", 0644));
  E("mkfifo rw", mkfifo("rw/p", 0644));
  E("mknod rw", mknod("rw/null", S_IFCHR | 0666, makedev(1, 3)));
  E("link in rw", link("rw/f", "rw/f2"));
  E("link ro to rw", link("ro/f", "rw/f3"));
  E("rename in rw", rename("rw/f2", "rw/f4"));
  E("rename rw to its sub", rename("rw/f4", "rw/sub/f4"));
  E("rename rw to ro", rename("rw/g", "ro/g"));
  E("rename out", rename("out/f", "rw/o"));
  E("truncate ro", truncate("ro/f", 0));
  E("truncate rw", truncate("rw/f", 1));
  E("write to what was open", write(outer, "x", 1));
  E("ftruncate what was open", ftruncate(outer, 0));
  struct stat st;
  E("stat out", stat_("out/f", &st));
  E("chmod out", chmod("out/f", 0600));
  E("chdir out", chdir("out"));
  E("access", access("f", 4));
  chdir("..");
  int p[2];
  pipe(p);
  char name[32];
  snprintf(name, sizeof name, "/proc/self/fd/%d", p[1]);
  E("reopen a pipe", open(name, O_WRONLY));
  E("mount", SC(mount, "none", "rw/sub", "tmpfs", 0, 0));
  E("umount", SC(umount2, "rw", 0));
  return 0;
}
static int truncating(void *a) {
  put("rw/t", "text");
  int rs = ll_new(ALL_FS, 0, 0);
  ll_path(rs, "rw", READ_FILE | WRITE_FILE);
  ll_enter(rs);
  long fd = open("rw/t", O_RDWR);
  E("write", write(fd, "x", 1));
  E("ftruncate", ftruncate(fd, 0));
  E("O_TRUNC", open("rw/t", O_WRONLY | O_TRUNC));
  E("truncate", truncate("rw/t", 0));
  return 0;
}
static int layers(void *a) {
  int rs = ll_new(READ_FILE | WRITE_FILE, 0, 0);
  ll_path(rs, "rw", READ_FILE | WRITE_FILE);
  ll_path(rs, "ro", READ_FILE);
  ll_enter(rs);
  rs = ll_new(WRITE_FILE, 0, 0);
  ll_path(rs, "ro", WRITE_FILE);
  E("second", ll_enter(rs));
  try_open("rw/f", O_RDONLY);
  try_open("rw/f", O_WRONLY);
  try_open("ro/f", O_RDONLY);
  try_open("ro/f", O_WRONLY);
  E("not handled", mkdir("out/d", 0755));
  rmdir("out/d");
  E("rename between directories", rename("rw/f", "rw/sub/f"));
  E("rename in place", rename("rw/f", "rw/f9"));
  rename("rw/f9", "rw/f");
  int n = 2;
  long r;
  while ((rs = ll_new(WRITE_FILE, 0, 0)) >= 0 && (r = ll_enter(rs)) == 0) n++;
  printf("%d layers, then %s\n", n, err(r));
  return 0;
}
static int refer(void *a) {
  // Allowed only where nothing is gained: from more to fewer rights.
  int rs = ll_new(ALL_FS, 0, 0);
  ll_path(rs, "rw", REFER | MAKE_REG | REMOVE_FILE | READ_FILE | WRITE_FILE);
  ll_path(rs, "out", REFER | MAKE_REG | REMOVE_FILE | READ_FILE);
  ll_path(rs, "ro", REFER | READ_FILE);
  ll_enter(rs);
  E("to fewer rights", rename("rw/g", "out/g"));
  E("to more rights", rename("out/g", "rw/g"));
  E("no right to make", rename("rw/f", "ro/f5"));
  E("link to fewer", link("rw/f", "out/hard"));
  E("link to more", link("out/f", "rw/hard"));
  E("exchange", renameat2(AT_FDCWD, "rw/f", AT_FDCWD, "out/f", 2));
  E("unlink", unlink("out/hard"));
  return 0;
}
static int execs(void *a) {
  int rs = ll_new(EXECUTE | READ_FILE, 0, 0);
  if (a) ll_path(rs, "/tmp/prog", EXECUTE | READ_FILE);
  else ll_path(rs, "/tmp/prog", READ_FILE);
  ll_path(rs, "ro", READ_FILE);
  ll_enter(rs);
  char *argv[] = { "prog", "again", NULL };
  E("exec", execve("/tmp/prog", argv, environ));
  return 0;
}
static int exec_unread(void *a) {
  int rs = ll_new(EXECUTE | READ_FILE, 0, 0);
  ll_path(rs, "/tmp/prog", EXECUTE);
  ll_enter(rs);
  char *argv[] = { "prog", "again", NULL };
  E("exec without read", execve("/tmp/prog", argv, environ));
  return 0;
}
static int devices(void *a) {
  mknod("zero", S_IFCHR | 0666, makedev(1, 5));
  long before = open("zero", O_RDWR);
  int rs = ll_new(IOCTL_DEV | READ_FILE, 0, 0);
  ll_path(rs, "zero", READ_FILE);
  ll_enter(rs);
  long fd = open("zero", O_RDONLY);
  int n;
  E("open before", ioctl(before, TCGETS, &n));
  E("open after", ioctl(fd, TCGETS, &n));
  E("FIOCLEX", ioctl(fd, FIOCLEX, 0));
  n = 0;
  E("FIONBIO", ioctl(fd, FIONBIO, &n));
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    try_open("ro/f", O_RDONLY);
    try_open("out/f", O_RDONLY);
    return 0;
  }
  tree();
  reap("basics", spawn(basics, 0));
  reap("truncating", spawn(truncating, 0));
  reap("layers", spawn(layers, 0));
  reap("refer", spawn(refer, 0));
  reap("exec allowed", spawn(execs, (void *)1));
  reap("exec forbidden", spawn(execs, 0));
  reap("exec unread", spawn(exec_unread, 0));
  reap("devices", spawn(devices, 0));
  try_open("out/f", O_RDWR);
}
