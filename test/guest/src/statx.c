// statx(2): the mask, fields equal to stat's, birth time present, attributes, errors.
#include "t.h"
#define AT_EMPTY_PATH 0x1000
int main(void) {
  struct statx x;
  struct stat st;
  put("f", "hello");
  E("statx", SC(statx, AT_FDCWD, "f", 0, STATX_BASIC_STATS | STATX_BTIME, &x));
  stat_("f", &st);
  printf("basic %d mode %o nlink %u size %llu ino %d\n", (x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS, x.stx_mode, x.stx_nlink,
         x.stx_size, x.stx_ino == st.st_ino);
  printf("mtime %d dev %d\n", x.stx_mtime.tv_sec == st.st_mtime && x.stx_mtime.tv_nsec == st.st_mtime_nsec,
         makedev(x.stx_dev_major, x.stx_dev_minor) == (st.st_dev & 0xffff));
  E("null device", SC(statx, AT_FDCWD, "/dev/null", 0, STATX_BASIC_STATS, &x));
  printf("rdev %u:%u\n", x.stx_rdev_major, x.stx_rdev_minor);
  E("empty path", SC(statx, 0, "", AT_EMPTY_PATH, STATX_TYPE, &x));
  E("missing", SC(statx, AT_FDCWD, "x", 0, STATX_TYPE, &x));
  E("bad flags", SC(statx, AT_FDCWD, "f", 0x40000000, STATX_TYPE, &x));
  E("reserved mask", SC(statx, AT_FDCWD, "f", 0, 0x80000000, &x));
  E("both sync", SC(statx, AT_FDCWD, "f", 0x6000, STATX_TYPE, &x));
  E("bad pointer", SC(statx, AT_FDCWD, "f", 0, STATX_TYPE, 8));
}
