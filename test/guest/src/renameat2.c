// renameat2(2): RENAME_NOREPLACE and RENAME_EXCHANGE.
#include "t.h"
#include <linux/fs.h>
#define R2(a, b, f) renameat2(AT_FDCWD, a, AT_FDCWD, b, f)
int main(void) {
  put("a", "A");
  put("b", "B");
  mkdir("d", 0755);
  put("d/x", "X");
  E("noreplace existing", R2("a", "b", RENAME_NOREPLACE));
  E("noreplace new", R2("a", "c", RENAME_NOREPLACE));
  E("exchange files", R2("c", "b", RENAME_EXCHANGE));
  cat("b", "b");
  cat("c", "c");
  E("exchange file and dir", R2("b", "d", RENAME_EXCHANGE));
  cat("d is a file", "d");
  cat("b/x", "b/x");
  E("exchange with missing", R2("d", "missing", RENAME_EXCHANGE));
  E("exchange with own child", R2("b", "b/x", RENAME_EXCHANGE));
  E("both flags", R2("c", "d", RENAME_NOREPLACE | RENAME_EXCHANGE));
  E("bad flag", R2("c", "d", 64));
  int dir = open("b", O_RDONLY);
  E("relative to a dirfd", renameat2(dir, "x", AT_FDCWD, "out", 0));
  cat("out", "out");
  E("dirfd is a file", renameat2(open("c", O_RDONLY), "x", AT_FDCWD, "out", 0));
  E("dirfd is closed", renameat2(99, "x", AT_FDCWD, "out", 0));
}
