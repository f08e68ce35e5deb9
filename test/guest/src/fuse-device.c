// fuse(4): the device itself and the end of connections: what mount wants, reads and writes that are refused, poll, a second descriptor (FUSE_DEV_IOC_CLONE), interrupts, callers that
// are killed, servers that die, umount -f, the control file system; who may come in.
#include "fused.h"

static int read_x(void *path) {
  char c;
  if (dev_fd >= 0) close(dev_fd); // the server is not to live on in its callers
  long fd = open(path, O_RDONLY);
  if (fd < 0) return -fd;
  long n = read(fd, &c, 1);
  return n < 0 ? -n : 0;
}
/** A child that opens and reads m/f, and exits with the errno. */
static long reader(void) { return spawn(read_x, "m/f"); }

static void nothing(int sig) {}
static int interrupted_read(void *unused) {
  sigact(SIGUSR1, nothing, SA_RESTART, 0);
  return read_x("m/f");
}

static int as_user(void *what) {
  struct stat st;
  SC(setgroups, 0, 0);
  SC(setresgid, 1000, 1000, 1000);
  SC(setresuid, 1000, 1000, 1000);
  printf("as user 1000, %s\n", (char *)what);
  E("  stat of the root", stat_("m", &st));
  E("  stat", stat_("m/f", &st));
  E("  open", open("m/f", O_RDONLY));
  E("  write", open("m/f", O_WRONLY));
  E("  create", open("m/mine", O_RDWR | O_CREAT, 0600));
  E("  chmod", chmod("m/f", 0777));
  E("  access", access("m/f", 6));
  return 0;
}

static void mount_errors(void) {
  static const char *bad[] = { "", "fd=%d", "fd=%d,rootmode=40000,user_id=0", "fd=%d,rootmode=0,user_id=0,group_id=0", "fd=%d,rootmode=4x,user_id=0,group_id=0",
    "fd=%d,rootmode=40000,user_id=0,group_id=0,strange", "fd=%d,rootmode=40000,user_id=0,group_id=0,blksize=1024", "fd=0,rootmode=40000,user_id=0,group_id=0" };
  static char text[200], b[FUSE_MIN_READ_BUFFER];
  mknod("/tmp/w/fuse-device", S_IFCHR | 0666, makedev(10, 229));
  long fd = must(open("/tmp/w/fuse-device", O_RDWR));
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
    snprintf(text, sizeof text, bad[i], (int)fd);
    E(bad[i], SC(mount, "s", "m", "fuse", 0, text));
  }
  E("read before mount", read(fd, b, sizeof b));
  E("write before mount", write(fd, b, 16));
  struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
  struct timespec zero = { 0, 0 };
  ppoll(&p, 1, &zero, NULL);
  printf("poll before mount %x\n", p.revents);
  E("clone of what serves nothing", ioctl(fd, FUSE_DEV_IOC_CLONE, &(u32){ fd }));
  close(fd);
}

/** The protocol with both hands: no server process. */
static void by_hand(void) {
  static char b[FBUF];
  struct fuse_in_header *h = (void *)b;
  must(fuse_mount("m", ""));
  E("mounted twice", SC(mount, "s", "m", "fuse", 0, "fd=3,rootmode=40000,user_id=0,group_id=0"));
  fcntl(dev_fd, F_SETFL, O_NONBLOCK);
  E("small buffer", read(dev_fd, b, FUSE_MIN_READ_BUFFER - 1));
  long n = read(dev_fd, b, FUSE_MIN_READ_BUFFER);
  printf("first request: opcode %d, whole %d\n", h->opcode, n == h->len);
  E("nothing more", read(dev_fd, b, FBUF));
  struct pollfd p = { .fd = dev_fd, .events = POLLIN | POLLOUT };
  struct timespec zero = { 0, 0 };
  ppoll(&p, 1, &zero, NULL);
  printf("poll %x\n", p.revents);
  u64 init = h->unique;
  struct { struct fuse_out_header h; struct fuse_init_out o; } out = { .o = { .major = 7, .minor = 38, .max_write = 65536 } };
  out.h.len = sizeof out; out.h.unique = init + 2;
  E("answer to what was not asked", write(dev_fd, &out, sizeof out));
  out.h.unique = init; out.h.len = sizeof out - 1;
  E("answer of another length", write(dev_fd, &out, sizeof out));
  out.h.len = sizeof out; out.h.error = 5;
  E("answer with a positive error", write(dev_fd, &out, sizeof out));
  out.h.error = -1000;
  E("answer with a strange error", write(dev_fd, &out, sizeof out));
  E("less than a header", write(dev_fd, &out, 8));
  out.h.error = 0;
  V("answer", write(dev_fd, &out, sizeof out) == sizeof out);
  E("answered again", write(dev_fd, &out, sizeof out));
  out.h.unique = 0; out.h.error = 99;
  E("unknown notification", write(dev_fd, &out, sizeof out));

  // Another descriptor serves the same connection; an answer comes where the request went.
  long pid = reader();
  p.events = POLLIN;
  ppoll(&p, 1, NULL, NULL);
  long second = must(open("/tmp/w/fuse-device", O_RDWR));
  E("clone", ioctl(second, FUSE_DEV_IOC_CLONE, &(u32){ dev_fd }));
  E("clone again", ioctl(second, FUSE_DEV_IOC_CLONE, &(u32){ dev_fd }));
  n = must(read(second, b, FBUF));
  while (h->opcode != FUSE_LOOKUP) { // the root's attributes may be asked for first
    struct { struct fuse_out_header h; struct fuse_attr_out o; } a = { .h = { .len = sizeof a, .unique = h->unique }, .o = { .attr_valid = 100, .attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 } } };
    must(write(second, &a, sizeof a));
    p.fd = second;
    ppoll(&p, 1, NULL, NULL);
    must(read(second, b, FBUF));
  }
  E("buffer smaller than max_write", read(second, b + 1000, FUSE_MIN_READ_BUFFER));
  struct fuse_out_header no = { .len = sizeof no, .error = -EXDEV, .unique = h->unique };
  E("at the other descriptor", write(dev_fd, &no, sizeof no));
  E("where it went", write(second, &no, sizeof no));
  int status;
  waitpid(pid, &status, 0);
  printf("caller got %s\n", err(-(status >> 8)));
  pid = reader();
  ppoll(&p, 1, NULL, NULL);
  must(read(second, b, FBUF));
  no.unique = h->unique;
  E("answer from nowhere", writev(second, ((struct iovec[]){ { &no, 8 }, { (void *)8, 8 } }), 2));
  struct { struct fuse_out_header h; char data[100]; } big = { .h = { .len = sizeof big, .unique = h->unique, .error = -5 } };
  E("error with data", write(second, &big, sizeof big));
  E("then it is over", write(second, &no, sizeof no));
  waitpid(pid, &status, 0);
  printf("caller got %s\n", err(-(status >> 8)));
  close(second);
  pid = reader();
  p.fd = dev_fd;
  ppoll(&p, 1, NULL, NULL);
  close(dev_fd);   // in the queue, never read
  waitpid(pid, &status, 0);
  printf("the server is gone, caller got %s\n", err(-(status >> 8)));
  E("and now", -read_x("m/f"));
  E("umount", SC(umount2, "m", 0));
}

int main(void) {
  int status;
  fuse_prepare();
  mkdir("m", 0755);
  mount_errors();
  by_hand();
  add_node(1, "f", S_IFREG | 0644, NULL);
  nodes[2].size = 5;
  ctl->open_flags = FOPEN_DIRECT_IO;

  // A signal: the server hears of it and gives up.
  long server = fuse_start("");
  ctl->hang = FUSE_READ;
  long pid = spawn(interrupted_read, NULL);
  await_seen(FUSE_READ, 1);
  kill(pid, SIGUSR1);
  waitpid(pid, &status, 0);
  printf("interrupted %d, caller got %s\n", ctl->interrupted, err(-(status >> 8)));

  // A killed caller does not wait for a server that has the request... once that answers.
  pid = reader();
  await_seen(FUSE_READ, 2);
  kill(pid, SIGKILL);
  for (int i = 0; i < 1000 && ctl->interrupted < 2; i++) msleep(1);
  reap("killed", pid);

  // The server dies.
  pid = reader();
  await_seen(FUSE_READ, 3);
  kill(server, SIGKILL);
  reap("server", server);
  waitpid(pid, &status, 0);
  printf("caller got %s\n", err(-(status >> 8)));
  E("umount", SC(umount2, "m", 0));

  // umount -f.
  server = fuse_start("");
  pid = reader();
  await_seen(FUSE_READ, 4);
  SC(umount2, "m", 1);
  waitpid(pid, &status, 0);
  printf("umount -f, caller got %s\n", err(-(status >> 8)));
  SC(umount2, "m", 2);
  reap("server", server);

  // fusectl.
  mkdir("ctl", 0755);
  E("fusectl", SC(mount, "none", "ctl", "fusectl", 0, 0));
  server = fuse_start("");
  struct stat st;
  static char path[64], b[32];
  stat_("m", &st);
  pid = reader();
  await_seen(FUSE_READ, 5);
  snprintf(path, sizeof path, "ctl/%d/waiting", (int)st.st_dev);
  cat("waiting", path);
  stat_(path, &st);
  printf("mode %o\n", st.st_mode);
  stat_("m", &st);
  snprintf(path, sizeof path, "ctl/%d/max_background", (int)st.st_dev);
  cat("max_background", path);
  put(path, "5\n");
  cat("max_background", path);
  snprintf(path, sizeof path, "ctl/%d/congestion_threshold", (int)st.st_dev);
  cat("congestion_threshold", path);
  snprintf(path, sizeof path, "ctl/%d/abort", (int)st.st_dev);
  long fd = open(path, O_WRONLY);
  V("abort", write(fd, "1", 1));
  close(fd);
  waitpid(pid, &status, 0);
  printf("aborted, caller got %s\n", err(-(status >> 8)));
  reap("server", server);
  E("still mounted", stat_("m/f", &st));
  E("umount", SC(umount2, "m", 0));
  E("no connection any more", open(path, O_WRONLY));
  SC(umount2, "ctl", 0);
  ctl->hang = 0;

  // Who may come in.
  chmod(".", 01777);
  server = fuse_start("");
  reap("child", spawn(as_user, "private"));
  SC(umount2, "m", 0);
  reap("server", server);
  server = fuse_start(",allow_other");
  reap("child", spawn(as_user, "allow_other: the server decides"));
  printf("asked about access %d\n", ctl->seen[FUSE_ACCESS] > 0);
  SC(umount2, "m", 0);
  reap("server", server);
  nodes[2].mode = S_IFREG | 0644;
  unlink("m/mine");
  server = fuse_start(",allow_other,default_permissions,max_read=4096");
  reap("child", spawn(as_user, "default_permissions"));
  slurp("/proc/mounts", fbuf, FBUF);
  char *line = strstr(fbuf, "source /tmp/w/m ");
  if (line) { *strchr(line, '\n') = 0; printf("mounts: %s\n", line); }
  SC(umount2, "m", 0);
  reap("server", server);

  // Subtypes.
  static char text[128];
  dev_fd = open("/tmp/w/fuse-device", O_RDWR);
  snprintf(text, sizeof text, "fd=%d,rootmode=40000,user_id=0,group_id=0", dev_fd);
  E("subtype", SC(mount, "source", "m", "fuse.thing", 0, text));
  slurp("/proc/mounts", fbuf, FBUF);
  line = strstr(fbuf, "source /tmp/w/m ");
  if (line) { *strchr(line, '\n') = 0; printf("mounts: %s\n", line); }
  SC(umount2, "m", 2);
  E("read after umount", read(dev_fd, fbuf, FBUF));
  E("fuseblk wants a block device", SC(mount, "/dev/null", "m", "fuseblk", 0, text));
}
