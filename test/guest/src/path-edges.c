// path_resolution(7): repeated and trailing slashes, dots, long names and long paths, components that are not directories.
#include "t.h"
int main(void) {
  mkdir("d", 0755);
  mkdir("d/e", 0755);
  put("d/f", "x");
  E("slashes", access("d//f", 0));
  E("dots", access("./d/./e/../f", 0));
  E("dot of a file", access("d/f/.", 0));
  E("dotdot of a file", access("d/f/..", 0));
  E("slash after dir", access("d/", 0));
  E("slashes after dir", access("d///", 0));
  E("slash after file", access("d/f/", 0));
  E("missing then dotdot", access("nope/../d", 0));
  E("root dotdots", access("/../../../proc", 0));
  E("double slash root", access("//proc", 0));
  char *n = malloc(5000);
  memset(n, 'n', 5000);
  n[255] = 0;
  E("255", open(n, O_WRONLY | O_CREAT, 0644));
  n[255] = 'n';
  n[256] = 0;
  E("256", open(n, O_WRONLY | O_CREAT, 0644));
  E("mkdir 256", mkdir(n, 0755));
  for (int i = 0; i < 4999; i += 2) {
    n[i] = '.';
    n[i + 1] = '/';
  }
  n[4094] = 'd';
  n[4095] = 0;
  E("4095", access(n, 0));
  n[4095] = '/';
  n[4096] = 0;
  E("4096", access(n, 0));
  n[4096] = '.';
  E("unterminated long", (n[4999] = 0, access(n, 0)));
  memset(n, 'n', 300);
  n[300] = '/';
  n[301] = 'x';
  n[302] = 0;
  E("long component in the middle", access(n, 0));
  E("symlink target 4095", (memset(n, 's', 4095), n[4095] = 0, symlink(n, "long")));
  E("4096", (n[4095] = 's', n[4096] = 0, symlink(n, "longer")));
  E("following it", access("long", 0));
  struct stat st;
  lstat_("long", &st);
  printf("size %ld\n", st.st_size);
  E("high bytes", open("caf\303\251 \377\001", O_WRONLY | O_CREAT, 0644));
  E("newline", open("a\nb", O_WRONLY | O_CREAT, 0644));
  /* a tree deeper than PATH_MAX */
  memset(n, 'd', 200);
  n[200] = 0;
  int depth = 0;
  while (depth < 30 && mkdir(n, 0755) >= 0 && chdir(n) >= 0) depth++;
  char *b = malloc(8192);
  long r = getcwd(b, 8192);
  printf("depth %d getcwd %s\n", depth, err(r));
}
