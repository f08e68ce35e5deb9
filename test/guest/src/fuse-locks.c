// fuse(4), FUSE_POSIX_LOCKS and FUSE_FLOCK_LOCKS: locks that the server keeps. What it is asked, whose locks they are, when they end; waiting, signals while one waits; and a server that
// does not want them, whose locks the kernel keeps.
#include "fused.h"
#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8

struct held { int used, flock, type; u64 owner, start, end; u32 pid; };
struct pending { u64 unique; struct held want; };
static struct held *held;
static struct pending *waiting;
#define HELD 32

static struct held *blocker(struct held *w) {
  for (int i = 0; i < HELD; i++) {
    struct held *l = &held[i];
    if (l->used && l->flock == w->flock && l->owner != w->owner && l->start <= w->end && w->start <= l->end && (l->type == F_WRLCK || w->type == F_WRLCK)) return l;
  }
  return NULL;
}
static void grant(struct held *w) {
  for (int i = 0; i < HELD; i++) if (held[i].used && held[i].flock == w->flock && held[i].owner == w->owner && held[i].start >= w->start && held[i].end <= w->end) held[i].used = 0;
  if (w->type == F_UNLCK) return;
  for (int i = 0; i < HELD; i++) if (!held[i].used) { held[i] = *w; held[i].used = 1; return; }
}
static void look_again(void) {
  for (int i = 0; i < HELD; i++) if (waiting[i].unique && !blocker(&waiting[i].want)) { grant(&waiting[i].want); reply(waiting[i].unique, 0, 0, 0); waiting[i].unique = 0; }
}
static void drop(int flock, u64 owner) {
  for (int i = 0; i < HELD; i++) if (held[i].used && held[i].flock == flock && held[i].owner == owner) held[i].used = 0;
  look_again();
}

static int locks(struct fuse_in_header *h, void *arg) {
  struct fuse_lk_in *in = arg;
  struct held w = { .flock = in->lk_flags & FUSE_LK_FLOCK, .type = in->lk.type, .owner = in->owner, .start = in->lk.start, .end = in->lk.end, .pid = in->lk.pid };
  switch (h->opcode) {
    case FUSE_GETLK: {
      struct fuse_lk_out o = { .lk = { .type = F_UNLCK } };
      struct held *l = blocker(&w);
      if (l) o.lk = (struct fuse_file_lock){ .start = l->start, .end = l->end, .type = l->type, .pid = l->pid };
      reply(h->unique, 0, &o, sizeof o);
      return 1;
    }
    case FUSE_SETLK: case FUSE_SETLKW:
      ctl->last_flags = in->lk.type | in->lk_flags << 4 | (in->lk.end == 0x7fffffffffffffff) << 8 | (in->lk.pid != 0) << 12 | (in->fh == 7) << 16;
      if (!blocker(&w)) { grant(&w); reply(h->unique, 0, 0, 0); look_again(); return 1; }
      if (h->opcode == FUSE_SETLK) { reply(h->unique, -EAGAIN, 0, 0); return 1; }
      for (int i = 0; i < HELD; i++) if (!waiting[i].unique) { waiting[i] = (struct pending){ h->unique, w }; break; }
      return 1;
    case FUSE_INTERRUPT:
      for (int i = 0; i < HELD; i++) if (waiting[i].unique == ((struct fuse_interrupt_in *)arg)->unique) { waiting[i].unique = 0; reply(((struct fuse_interrupt_in *)arg)->unique, -EINTR, 0, 0); }
      return 0;
    case FUSE_FLUSH: drop(0, ((struct fuse_flush_in *)arg)->lock_owner); return 0;
    case FUSE_RELEASE: if (((struct fuse_release_in *)arg)->release_flags & FUSE_RELEASE_FLOCK_UNLOCK) drop(FUSE_LK_FLOCK, ((struct fuse_release_in *)arg)->lock_owner); return 0;
  }
  return 0;
}

static long lk(long fd, int cmd, int type, long start, long len) {
  struct flock l = { .l_type = type, .l_whence = 0, .l_start = start, .l_len = len };
  return fcntl(fd, cmd, (long)&l);
}
static void getlk(const char *what, long fd, int type, long start, long len) {
  struct flock l = { .l_type = type, .l_whence = 0, .l_start = start, .l_len = len, .l_pid = 0 };
  long r = fcntl(fd, F_GETLK, (long)&l);
  if (r < 0) printf("%s: %s\n", what, err(r));
  else if (l.l_type == F_UNLCK) printf("%s: free\n", what);
  else printf("%s: type %d %ld+%ld, mine %d\n", what, l.l_type, (long)l.l_start, (long)l.l_len, l.l_pid == getpid());
}
static long flock_(long fd, int op) { return SC(flock, fd, op); }

/** Another process, which answers with an errno: what it can lock; `arg`: "r", "w" of bytes 0 to 9; "f" flock. */
static int other(void *arg) {
  long fd = open("m/f", O_RDWR);
  const char *what = arg;
  long r = what[0] == 'f' ? flock_(fd, LOCK_EX | LOCK_NB) : lk(fd, F_SETLK, what[0] == 'r' ? F_RDLCK : F_WRLCK, 0, 10);
  return r < 0 ? -r : 0;
}
static void can_other(const char *what, const char *kind) {
  int status;
  waitpid(spawn(other, (void *)kind), &status, 0);
  printf("%s: %s\n", what, err(-(status >> 8)));
}

static volatile int caught;
static void on_signal(int s) { caught++; }

/** Waits for bytes 0 to 9; a signal disturbs. */
static int waiter(void *arg) {
  long fd = open("m/f", O_RDWR);

  sigact(SIGUSR1, on_signal, 0, 0);
  long r = lk(fd, F_SETLKW, F_WRLCK, 0, 10);
  return r < 0 ? -r : caught ? 100 : 0;
}
static int flock_waiter(void *unused) {
  for (int i = 3; i < 32; i++) close(i);   // its copies of the descriptors keep nothing open
  long fd = open("m/f", O_RDWR), r = flock_(fd, LOCK_EX);
  return r < 0 ? -r : 0;
}

static void forget_seen(void) { for (int i = 0; i < 64; i++) ctl->seen[i] = 0; }

int main(void) {
  int status;
  fuse_prepare();
  held = shared(HELD * sizeof *held);
  waiting = shared(HELD * sizeof *waiting);
  add_node(1, "f", S_IFREG | 0666, NULL);
  fuse_hook = locks;
  ctl->wanted = FUSE_POSIX_LOCKS | FUSE_FLOCK_LOCKS;
  long server = fuse_start("");

  // Record locks.
  long fd = open("m/f", O_RDWR);
  E("write lock", lk(fd, F_SETLK, F_WRLCK, 0, 10));
  printf("as it was asked %x, locks %d %d\n", ctl->last_flags, ctl->seen[FUSE_SETLK], ctl->seen[FUSE_SETLKW]);
  E("to the end", lk(fd, F_SETLK, F_RDLCK, 100, 0));
  printf("as it was asked %x\n", ctl->last_flags);
  getlk("own", fd, F_WRLCK, 0, 10);
  can_other("another writer", "w");
  can_other("another reader", "r");
  E("make it a read lock", lk(fd, F_SETLK, F_RDLCK, 0, 10));
  can_other("another reader", "r");
  can_other("another writer", "w");
  E("unlock", lk(fd, F_SETLK, F_UNLCK, 0, 10));
  printf("as it was asked %x\n", ctl->last_flags);
  can_other("another writer", "w");
  long writer = open("m/f", O_WRONLY);
  E("read lock of what is not readable", lk(writer, F_SETLK, F_RDLCK, 0, 1));
  close(writer);

  // Descriptions have theirs; another one of the same process stands in the way, and F_GETLK sees it.
  long second = open("m/f", O_RDWR);
  E("of a description", lk(fd, F_OFD_SETLK, F_WRLCK, 20, 5));
  E("of another", lk(second, F_OFD_SETLK, F_WRLCK, 20, 5));
  getlk("the process", second, F_WRLCK, 15, 10);
  E("given back", lk(fd, F_OFD_SETLK, F_UNLCK, 20, 5));

  // Any close of the file ends the record locks of the process.
  E("lock", lk(fd, F_SETLK, F_WRLCK, 0, 10));
  can_other("before close", "w");
  close(second);
  can_other("after close", "w");

  // Waiting, at the server.
  lk(fd, F_SETLK, F_WRLCK, 0, 10);
  forget_seen();
  long pid = spawn(waiter, NULL);
  await_seen(FUSE_SETLKW, 1);
  E("unlock", lk(fd, F_SETLK, F_UNLCK, 0, 10));
  waitpid(pid, &status, 0);
  printf("waiter: %d\n", status >> 8);
  lk(fd, F_SETLK, F_WRLCK, 0, 10);
  pid = spawn(waiter, NULL);
  await_seen(FUSE_SETLKW, 2);
  kill(pid, SIGUSR1);
  waitpid(pid, &status, 0);
  printf("waiter with a signal: %s, the server heard %d\n", err(-(status >> 8)), ctl->interrupted);

  // Who dies has no locks.
  lk(fd, F_SETLK, F_UNLCK, 0, 0);
  can_other("lock of a process that ends", "w");
  getlk("afterwards", fd, F_WRLCK, 0, 0);

  // flock(2).
  forget_seen();
  E("flock", flock_(fd, LOCK_EX));
  printf("as it was asked %x, %d %d\n", ctl->last_flags, ctl->seen[FUSE_SETLK], ctl->seen[FUSE_SETLKW]);
  can_other("another", "f");
  E("record locks are others", lk(fd, F_SETLK, F_WRLCK, 0, 0));
  E("shared", flock_(fd, LOCK_SH | LOCK_NB));
  can_other("another", "f");
  E("unlock", flock_(fd, LOCK_UN));
  printf("as it was asked %x\n", ctl->last_flags);
  can_other("another", "f");
  E("flock", flock_(fd, LOCK_EX));
  pid = spawn(flock_waiter, NULL);
  forget_seen();
  await_seen(FUSE_SETLKW, 1);
  long copy = dup(fd);
  close(fd);
  can_other("one descriptor closed", "f");
  close(copy);
  waitpid(pid, &status, 0);
  printf("both closed, the waiter: %d\n", status >> 8);
  SC(umount2, "m", 0);
  reap("server", server);

  // Not wanted: the kernel keeps them.
  ctl->wanted = 0;
  server = fuse_start("");
  fd = open("m/f", O_RDWR);
  forget_seen();
  E("lock", lk(fd, F_SETLK, F_WRLCK, 0, 10));
  E("flock", flock_(fd, LOCK_EX));
  can_other("another writer", "w");
  can_other("another flock", "f");
  printf("the server was asked %d\n", ctl->seen[FUSE_SETLK] + ctl->seen[FUSE_SETLKW] + ctl->seen[FUSE_GETLK]);
  close(fd);
  SC(umount2, "m", 0);
  reap("server", server);
}
