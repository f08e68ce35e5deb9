// mkdir(2), rmdir(2): modes under umask, link counts, every error, and a removed directory that is still someone's cwd.
#include "t.h"
static void show(const char *p) {
  struct stat st;
  stat_(p, &st);
  printf("%s mode %o nlink %u\n", p, st.st_mode, (u32)st.st_nlink);
}
int main(void) {
  umask(027);
  E("mkdir", mkdir("d", 0777));
  show("d");
  E("sticky", mkdir("t", 01777));
  show("t");
  E("exists", mkdir("d", 0777));
  E("missing parent", mkdir("x/y", 0777));
  put("f", "");
  E("below a file", mkdir("f/y", 0777));
  E("over a file", mkdir("f", 0777));
  E("trailing slash", mkdir("d/e/", 0755));
  show("d");
  E("dot", mkdir("d/.", 0777));
  E("root", mkdir("/", 0777));
  E("empty", mkdir("", 0777));
  symlink("dang", "l");
  E("over a dangling link", mkdir("l", 0777));
  E("rmdir full", rmdir("d"));
  E("rmdir dot", rmdir("d/e/."));
  E("rmdir dotdot", rmdir("d/e/.."));
  E("rmdir file", rmdir("f"));
  E("rmdir missing", rmdir("x"));
  E("rmdir root", rmdir("/"));
  E("rmdir with slash", rmdir("d/e/"));
  show("d");
  E("rmdir through a link", (symlink("d", "dl"), rmdir("dl")));
  E("with slash", rmdir("dl/"));
  char b[64];
  mkdir("gone", 0755);
  chdir("gone");
  E("remove cwd", rmdir("../gone"));
  E("getcwd", getcwd(b, 64));
  E("create there", open("new", O_WRONLY | O_CREAT, 0644));
  E("mkdir there", mkdir("new", 0755));
  E("stat dot", access(".", 0));
  E("dotdot", access("../f", 0));
  E("chdir ..", chdir(".."));
}
