// A file system in memory behind /dev/fuse, spoken by hand (linux/fuse.h): what the fuse-*.c tests mount. The server is a child; `ctl` is shared with it: what it
// shall do, and what it has seen.
#pragma once
#include "t.h"
#include <linux/fuse.h>

#define NODES 48
#define NAMES 64
#define DATA 262144
struct fnode { int used; u32 mode, uid, gid, nlink; u64 size, mtime; char *data; };
struct fname { u64 parent, node; char name[64]; };
struct fctl {
  volatile int seen[64], forgotten, interrupted, live;   // requests by operation; lookups given back; FUSE_INTERRUPTs
  volatile int hang;               // operation that is not answered, until an interrupt or 0
  volatile int fail_op, fail_err;  // operation that fails
  volatile u32 open_flags, attr_valid, entry_valid, offered, wanted, minor, last_uid, last_flags;
  volatile u64 hung;               // unique of what is not answered
  volatile int plus_bytes;         // of a list with attributes
  volatile u64 watched;            // a node, and its lookups that were given back
  volatile int given;
};
static struct fctl *ctl;
static struct fnode *nodes;
static struct fname *names;
static int dev_fd;
static char *fbuf;
#define FBUF (128 * KB + PAGE)

static void *shared(long n) { return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }

/** Opens /dev/fuse, made here in case /dev lacks it, and mounts at `dir`. */
static long fuse_mount(const char *dir, const char *options) {
  static char text[256];
  mknod("/tmp/w/fuse-device", S_IFCHR | 0666, makedev(10, 229));
  dev_fd = must(open("/tmp/w/fuse-device", O_RDWR));
  snprintf(text, sizeof text, "fd=%d,rootmode=40000,user_id=0,group_id=0%s", dev_fd, options);
  return SC(mount, "source", dir, "fuse", 0, text);
}

static void reply(u64 unique, int error, const void *data, long n) {
  static struct { struct fuse_out_header h; char data[DATA]; } out;
  out.h.len = sizeof out.h + n; out.h.error = error; out.h.unique = unique;
  memcpy(out.data, data, n);
  write(dev_fd, &out, sizeof out.h + n);
}

static void attr_of(u64 id, struct fuse_attr *a) {
  struct fnode *n = &nodes[id];
  memset(a, 0, sizeof *a);
  a->ino = id; a->mode = n->mode; a->uid = n->uid; a->gid = n->gid; a->nlink = n->nlink; a->size = n->size; a->blksize = 4096; a->blocks = (n->size + 511) / 512;
  a->mtime = a->ctime = a->atime = n->mtime;
}
static long entry_of(u64 id, struct fuse_entry_out *e) {
  memset(e, 0, sizeof *e);
  e->nodeid = id; e->entry_valid = ctl->entry_valid; e->attr_valid = ctl->attr_valid;
  attr_of(id, &e->attr);
  return sizeof *e;
}
static struct fname *find_name(u64 parent, const char *name) {
  for (int i = 0; i < NAMES; i++) if (names[i].node && names[i].parent == parent && strcmp(names[i].name, name) == 0) return &names[i];
  return NULL;
}
static void add_name(u64 parent, const char *name, u64 node) {
  for (int i = 0; i < NAMES; i++) if (names[i].node == 0) {
    names[i].parent = parent; names[i].node = node; strcpy(names[i].name, name);
    nodes[node].nlink++;
    return;
  }
}
static u64 add_node(u64 parent, const char *name, u32 mode, struct fuse_in_header *h) {
  for (u64 i = 2; i < NODES; i++) if (!nodes[i].used) {
    nodes[i] = (struct fnode){ .used = 1, .mode = mode, .uid = h ? h->uid : 0, .gid = h ? h->gid : 0, .mtime = 1000, .data = nodes[i].data };
    memset(nodes[i].data, 0, 16 * KB);
    add_name(parent, name, i);
    return i;
  }
  return 0;
}
static int is_empty(u64 dir) {
  for (int i = 0; i < NAMES; i++) if (names[i].node && names[i].parent == dir) return 0;
  return 1;
}

static void on_forget(u64 node, u64 lookups) {
  ctl->forgotten += lookups;
  if (node == ctl->watched) ctl->given += lookups;
}
static void on_init(struct fuse_in_header *h, struct fuse_init_in *in) {
  struct fuse_init_out o = { .major = 7, .minor = 38, .max_readahead = in->max_readahead, .max_write = 65536, .time_gran = 1, .max_background = 16, .congestion_threshold = 12 };
  ctl->offered = in->flags; ctl->minor = in->minor;
  o.flags = ctl->wanted & in->flags;
  reply(h->unique, 0, &o, sizeof o);
  ctl->live = 1;
}
static void on_setattr(struct fuse_in_header *h, struct fuse_setattr_in *s) {
  struct fnode *n = &nodes[h->nodeid];
  if (s->valid & FATTR_MODE) n->mode = (n->mode & S_IFMT) | (s->mode & 07777);
  if (s->valid & FATTR_UID) n->uid = s->uid;
  if (s->valid & FATTR_GID) n->gid = s->gid;
  if (s->valid & FATTR_SIZE) { if (s->size < n->size) memset(n->data + s->size, 0, n->size - s->size); n->size = s->size; }
  if (s->valid & FATTR_MTIME) n->mtime = s->mtime;
}
static void on_readdir(struct fuse_in_header *h, struct fuse_read_in *r) {
  static char out[8192];
  long at = 0;
  for (u64 i = r->offset; i < NAMES; i++) {
    if (names[i].node == 0 || names[i].parent != h->nodeid) continue;
    struct fuse_dirent *d = (void *)(out + at);
    long len = strlen(names[i].name), size = (sizeof *d + len + 7) & ~7;
    if (at + size > r->size) break;
    memset(d, 0, size);
    d->ino = names[i].node; d->off = i + 1; d->namelen = len; d->type = nodes[names[i].node].mode >> 12;
    memcpy(d->name, names[i].name, len);
    at += size;
  }
  reply(h->unique, 0, out, at);
}
/** Entries with attributes; a name that begins with "bare" brings none. */
static void on_readdirplus(struct fuse_in_header *h, struct fuse_read_in *r) {
  static char out[65536];
  long at = 0;
  for (u64 i = r->offset; i < NAMES; i++) {
    if (names[i].node == 0 || names[i].parent != h->nodeid) continue;
    struct fuse_direntplus *d = (void *)(out + at);
    long len = strlen(names[i].name), size = (sizeof *d + len + 7) & ~7;
    if (at + size > r->size || at + size > ctl->plus_bytes) break;
    memset(d, 0, size);
    if (strncmp(names[i].name, "bare", 4) != 0) entry_of(names[i].node, &d->entry_out);
    d->dirent.ino = names[i].node; d->dirent.off = i + 1; d->dirent.namelen = len; d->dirent.type = nodes[names[i].node].mode >> 12;
    memcpy(d->dirent.name, names[i].name, len);
    at += size;
  }
  reply(h->unique, 0, out, at);
}
static void on_rename(struct fuse_in_header *h, u64 newdir, char *from) {
  char *to = from + strlen(from) + 1;
  struct fname *n = find_name(h->nodeid, from), *old = find_name(newdir, to);
  if (!n) return reply(h->unique, -ENOENT, 0, 0);
  if (old) { nodes[old->node].nlink--; old->node = 0; }
  n->parent = newdir;
  strcpy(n->name, to);
  reply(h->unique, 0, 0, 0);
}

/** What a test does itself; answers whether it has. */
static int (*fuse_hook)(struct fuse_in_header *h, void *arg);

/** One request. */
static void serve_one(struct fuse_in_header *h) {
  void *arg = h + 1;
  char *name = arg;
  struct fuse_entry_out e;
  struct fuse_attr_out a = { .attr_valid = ctl->attr_valid };
  struct fname *n;
  ctl->seen[h->opcode & 63]++;
  ctl->last_uid = h->uid;
  if (fuse_hook && fuse_hook(h, arg)) return;
  if (h->opcode == FUSE_INTERRUPT) {
    ctl->interrupted++;
    if (ctl->hung == ((struct fuse_interrupt_in *)arg)->unique) reply(ctl->hung, -EINTR, 0, 0);
    return;
  }
  if (ctl->hang == h->opcode) { ctl->hung = h->unique; return; }
  if (ctl->fail_op == h->opcode) return reply(h->unique, -ctl->fail_err, 0, 0);
  switch (h->opcode) {
    case FUSE_INIT: return on_init(h, arg);
    case FUSE_LOOKUP: n = find_name(h->nodeid, name); return n ? reply(h->unique, 0, &e, entry_of(n->node, &e)) : reply(h->unique, -ENOENT, 0, 0);
    case FUSE_FORGET: return on_forget(h->nodeid, ((struct fuse_forget_in *)arg)->nlookup);
    case FUSE_BATCH_FORGET: {
      struct fuse_batch_forget_in *b = arg; struct fuse_forget_one *one = (void *)(b + 1);
      for (u32 i = 0; i < b->count; i++) on_forget(one[i].nodeid, one[i].nlookup);
      return;
    }
    case FUSE_SETATTR: on_setattr(h, arg); // and answers like
    case FUSE_GETATTR: attr_of(h->nodeid, &a.attr); return reply(h->unique, 0, &a, sizeof a);
    case FUSE_MKNOD: { struct fuse_mknod_in *m = arg; return reply(h->unique, 0, &e, entry_of(add_node(h->nodeid, (char *)(m + 1), m->mode, h), &e)); }
    case FUSE_MKDIR: { struct fuse_mkdir_in *m = arg; return reply(h->unique, 0, &e, entry_of(add_node(h->nodeid, (char *)(m + 1), S_IFDIR | m->mode, h), &e)); }
    case FUSE_SYMLINK: { u64 id = add_node(h->nodeid, name, S_IFLNK | 0777, h); strcpy(nodes[id].data, name + strlen(name) + 1); nodes[id].size = strlen(nodes[id].data); return reply(h->unique, 0, &e, entry_of(id, &e)); }
    case FUSE_READLINK: return reply(h->unique, 0, nodes[h->nodeid].data, nodes[h->nodeid].size);
    case FUSE_LINK: { struct fuse_link_in *l = arg; add_name(h->nodeid, (char *)(l + 1), l->oldnodeid); return reply(h->unique, 0, &e, entry_of(l->oldnodeid, &e)); }
    case FUSE_RENAME: { struct fuse_rename_in *r = arg; return on_rename(h, r->newdir, (char *)(r + 1)); }
    case FUSE_RENAME2: { struct fuse_rename2_in *r = arg; return on_rename(h, r->newdir, (char *)(r + 1)); }
    case FUSE_UNLINK: case FUSE_RMDIR:
      n = find_name(h->nodeid, name);
      if (!n) return reply(h->unique, -ENOENT, 0, 0);
      if (h->opcode == FUSE_RMDIR && !is_empty(n->node)) return reply(h->unique, -ENOTEMPTY, 0, 0);
      nodes[n->node].nlink--; n->node = 0;
      return reply(h->unique, 0, 0, 0);
    case FUSE_CREATE: {
      struct { struct fuse_entry_out e; struct fuse_open_out o; } out = { .o = { .fh = 7, .open_flags = ctl->open_flags } };
      struct fuse_create_in *c = arg;
      ctl->last_flags = c->flags;
      entry_of(add_node(h->nodeid, (char *)(c + 1), c->mode, h), &out.e);
      return reply(h->unique, 0, &out, sizeof out);
    }
    case FUSE_OPEN: case FUSE_OPENDIR: {
      struct fuse_open_out o = { .fh = 7, .open_flags = ctl->open_flags };
      ctl->last_flags = ((struct fuse_open_in *)arg)->flags;
      if (h->opcode == FUSE_OPEN && (ctl->last_flags & O_TRUNC)) nodes[h->nodeid].size = 0;
      return reply(h->unique, 0, &o, sizeof o);
    }
    case FUSE_READ: {
      struct fuse_read_in *r = arg; struct fnode *f = &nodes[h->nodeid];
      long left = r->offset < f->size ? f->size - r->offset : 0;
      return reply(h->unique, 0, f->data + r->offset, left < r->size ? left : r->size);
    }
    case FUSE_WRITE: {
      struct fuse_write_in *w = arg; struct fnode *f = &nodes[h->nodeid]; struct fuse_write_out o = { .size = w->size };
      if (w->offset + w->size > DATA) return reply(h->unique, -ENOSPC, 0, 0);
      memcpy(f->data + w->offset, w + 1, w->size);
      if (w->offset + w->size > f->size) f->size = w->offset + w->size;
      return reply(h->unique, 0, &o, sizeof o);
    }
    case FUSE_READDIR: return on_readdir(h, arg);
    case FUSE_READDIRPLUS: return on_readdirplus(h, arg);
    case FUSE_STATFS: { struct fuse_statfs_out s = { .st = { .blocks = 100, .bfree = 60, .bavail = 50, .files = 48, .ffree = 40, .bsize = 512, .namelen = 63, .frsize = 512 } }; return reply(h->unique, 0, &s, sizeof s); }
    case FUSE_FLUSH: case FUSE_RELEASE: case FUSE_RELEASEDIR: case FUSE_FSYNC: case FUSE_ACCESS: return reply(h->unique, 0, 0, 0);
    default: reply(h->unique, -ENOSYS, 0, 0);
  }
}

/** Serves until the connection ends; answers how. */
static int serve(void *unused) {
  long n;
  while ((n = read(dev_fd, fbuf, FBUF)) > 0 || n == -EINTR || n == -ENOENT) if (n > 0) serve_one((void *)fbuf);
  return n == -ENODEV ? 0 : 1;
}

/** The root directory, `ctl` as it starts, nothing mounted. */
static void fuse_prepare(void) {
  ctl = shared(sizeof *ctl);
  nodes = shared(NODES * sizeof *nodes);
  names = shared(NAMES * sizeof *names);
  char *data = shared(NODES * (long)DATA);
  for (int i = 0; i < NODES; i++) nodes[i].data = data + i * (long)DATA;
  nodes[1] = (struct fnode){ .used = 1, .mode = S_IFDIR | 0755, .nlink = 2, .mtime = 1000, .data = nodes[1].data };
  fbuf = shared(FBUF);
  ctl->attr_valid = ctl->entry_valid = 3600;
  ctl->open_flags = FOPEN_KEEP_CACHE;
  ctl->plus_bytes = 65536;
}

/** Mounts at m and starts the server, whose pid it answers. The descriptor stays with the server alone. */
static long fuse_start(const char *options) {
  mkdir("m", 0755);
  must(fuse_mount("m", options));
  long pid = spawn(serve, NULL);
  close(dev_fd);
  dev_fd = -1;
  return pid;
}

/** Waits until the server has seen `n` requests of an operation. */
static void await_seen(int op, int n) { for (int i = 0; i < 2000 && ctl->seen[op] < n; i++) msleep(1); }
