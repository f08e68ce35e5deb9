// fuse(4), FUSE_READDIRPLUS: lists bring attributes along, so that nothing is asked for again; each entry counts as a lookup and is given back; a server that leaves the choice to
// the kernel is asked with attributes at the start, and later when somebody has looked at what was listed.
#include "fused.h"

#define FILES 40

/** Names of m/d, `chunk` bytes a call; how many there were. With `look`, one name of each part is looked at. */
static int list(const char *dir, long chunk, int look) {
  static char b[8192], path[128];
  struct stat st;
  long fd = must(open(dir, O_RDONLY | O_DIRECTORY)), n;
  int count = 0;
  while ((n = getdents(fd, b, chunk)) > 0) {
    for (long i = 0; i < n; i += ((struct dirent64 *)(b + i))->d_reclen) count++;
    if (look) { snprintf(path, sizeof path, "%s/%s", dir, ((struct dirent64 *)b)->d_name); stat_(path, &st); }
  }
  if (n < 0) printf("getdents: %s\n", err(n));
  close(fd);
  return count;
}

static void forget_seen(void) { for (int i = 0; i < 64; i++) ctl->seen[i] = 0; }
static int any(int op) { return ctl->seen[op] > 0; }

static u64 dir;
static long server;

static void start(const char *what, u32 wanted, int valid) {
  printf("%s\n", what);
  ctl->wanted = wanted; ctl->attr_valid = ctl->entry_valid = valid;
  ctl->given = 0;
  ctl->watched = add_node(dir, "victim", S_IFREG | 0600, NULL);
  server = fuse_start("");
  struct stat st;
  stat_("m/d", &st);
  forget_seen();
}

/** A file that goes: all lookups of it are given back, as often as lists and questions have brought it. */
static void end(void) {
  E("  unlink", unlink("m/d/victim"));
  for (int i = 0; i < 2000 && ctl->given == 0; i++) msleep(1);
  printf("  given back %d\n", ctl->given);
  SC(umount2, "m", 0);
  int status;
  waitpid(server, &status, 0);
  nodes[ctl->watched].used = 0;
}

int main(void) {
  static char path[64];
  struct stat st;
  fuse_prepare();
  dir = add_node(1, "d", S_IFDIR | 0755, NULL);
  for (int i = 0; i < FILES; i++) {
    snprintf(path, sizeof path, "%s%d", i == 7 ? "bare" : "name", i);
    u64 id = add_node(dir, path, i % 5 == 0 ? S_IFDIR | 0711 : S_IFREG | 0640, NULL);
    nodes[id].size = 100 + i;
  }

  start("always", FUSE_DO_READDIRPLUS, 3600);
  printf("  %d names\n", list("m/d", 8192, 0));
  printf("  plus %d, plain %d\n", any(FUSE_READDIRPLUS), any(FUSE_READDIR));
  long sum = 0;
  for (int i = 0; i < FILES; i++) { snprintf(path, sizeof path, "m/d/%s%d", i == 7 ? "bare" : "name", i); stat_(path, &st); sum += st.st_size + st.st_mode; }
  printf("  sum %ld, lookups %d, attributes asked for %d\n", sum, ctl->seen[FUSE_LOOKUP], ctl->seen[FUSE_GETATTR]);
  forget_seen();
  printf("  again %d names", list("m/d", 8192, 0));
  printf(", plus %d, plain %d\n", any(FUSE_READDIRPLUS), any(FUSE_READDIR));
  end();

  start("in small parts, read in smaller ones", FUSE_DO_READDIRPLUS, 3600);
  ctl->plus_bytes = 1000;
  printf("  %d names\n", list("m/d", 100, 0));
  printf("  plus more than five times %d, plain %d\n", ctl->seen[FUSE_READDIRPLUS] > 5, any(FUSE_READDIR));
  stat_("m/d/name39", &st);
  printf("  size %ld, lookups %d\n", (long)st.st_size, ctl->seen[FUSE_LOOKUP]);
  end();

  start("attributes that hold for no time", FUSE_DO_READDIRPLUS, 0);
  printf("  %d names\n", list("m/d", 8192, 0));
  stat_("m/d/name3", &st);
  printf("  size %ld, asked for the name %d\n", (long)st.st_size, any(FUSE_LOOKUP));
  end();

  // What changes at the server is believed when it is listed again; a name that leads elsewhere now, too.
  start("changes", FUSE_DO_READDIRPLUS, 3600);
  ctl->plus_bytes = 65536;
  list("m/d", 8192, 0);
  struct fname *n = find_name(dir, "name2");
  u64 was = n->node;
  nodes[was].size = 777;
  list("m/d", 8192, 0);
  stat_("m/d/name2", &st);
  printf("  size %ld, lookups %d\n", (long)st.st_size, ctl->seen[FUSE_LOOKUP]);
  n->node = find_name(dir, "name3")->node;
  list("m/d", 8192, 0);
  stat_("m/d/name2", &st);
  printf("  now size %ld, lookups %d\n", (long)st.st_size, ctl->seen[FUSE_LOOKUP]);
  n->node = was;
  end();

  start("the kernel's choice, nobody looks", FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO, 3600);
  ctl->plus_bytes = 1000;
  printf("  %d names\n", list("m/d", 200, 0));
  printf("  plus once %d, plain %d\n", ctl->seen[FUSE_READDIRPLUS] == 1, any(FUSE_READDIR));
  end();

  start("the kernel's choice, somebody looks", FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO, 3600);
  printf("  %d names\n", list("m/d", 200, 1));
  printf("  plus more than once %d\n", ctl->seen[FUSE_READDIRPLUS] > 1);
  end();

  start("not wanted", 0, 3600);
  printf("  %d names", list("m/d", 8192, 0));
  printf(", plus %d, plain %d\n", any(FUSE_READDIRPLUS), any(FUSE_READDIR));
  end();

  start("not implemented after all", FUSE_DO_READDIRPLUS, 3600);
  ctl->fail_op = FUSE_READDIRPLUS; ctl->fail_err = ENOSYS;
  printf("  %d names\n", list("m/d", 8192, 0));
  ctl->fail_op = 0;
  end();
}
