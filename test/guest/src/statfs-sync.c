// statfs(2), fsync(2), sync(2): magic numbers and plausible sizes; which descriptors can be synced.
#include "t.h"
#include <asm/statfs.h>
int main(void) {
  struct statfs s;
  E("statfs", SC(statfs, ".", &s));
  printf("bsize %ld namelen %ld free %d\n", (long)s.f_bsize, (long)s.f_namelen, s.f_bfree <= s.f_blocks);
  E("proc", SC(statfs, "/proc", &s));
  printf("magic %lx\n", (long)s.f_type);
  int p[2];
  pipe(p);
  E("fstatfs pipe", SC(fstatfs, p[0], &s));
  printf("magic %lx\n", (long)s.f_type);
  E("missing", SC(statfs, "none", &s));
  E("bad fd", SC(fstatfs, 99, &s));
  put("f", "x");
  int f = open("f", O_RDONLY);
  E("fsync", SC(fsync, f));
  E("fdatasync", SC(fdatasync, f));
  E("fsync pipe", SC(fsync, p[0]));
  E("fsync dir", SC(fsync, open(".", O_RDONLY)));
  E("sync", SC(sync));
  E("syncfs", SC(syncfs, f));
  E("sync_file_range", SC(sync_file_range, f, 0, 0, 2));
  E("fadvise", SC(fadvise64, f, 0, 0, 2));
  E("fadvise pipe", SC(fadvise64, p[0], 0, 0, 2));
  E("fadvise bad", SC(fadvise64, f, 0, 0, 99));
  E("readahead", SC(readahead, f, 0, 10));
}
