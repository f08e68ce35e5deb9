// chdir(2), getcwd(2), chroot(2): relative and by descriptor, buffer sizes, renamed and deleted directories, the root as a jail.
#include "t.h"
static char base[256];
static void pwd(const char *l) {
  char b[256] = "";
  long r = getcwd(b, 256), n = strlen(base);
  if (r < 0)
    E(l, r);
  else
    printf("%s: %s len %d\n", l, strncmp(b, base, n) == 0 ? b + n : b, r == (long)strlen(b) + 1);
}
int main(void) {
  char b[8];
  getcwd(base, 256);
  mkdir("a", 0755);
  mkdir("a/b", 0755);
  symlink("a/b", "s");
  put("f", "");
  E("chdir", chdir("a/b"));
  pwd("in");
  E("up", chdir("../.."));
  E("through a link", chdir("s"));
  pwd("physical");
  chdir("..");
  E("dotdot of the link's target", access("b", 0));
  int fd = open("..", O_RDONLY);
  E("fchdir", fchdir(fd));
  pwd("base");
  E("fchdir file", fchdir(open("f", O_RDONLY)));
  E("file", chdir("f"));
  E("missing", chdir("n"));
  E("empty", chdir(""));
  chdir("a/b");
  E("small", getcwd(b, 3));
  E("size 0", getcwd(b, 0));
  rename("../../a", "../../renamed");
  pwd("renamed");
  chdir("../..");
  E("root", chdir("/"));
  {
    char c[4] = "";
    V("len", getcwd(c, 4));
    printf("%s\n", c);
  }
  E("above root", chdir("/../.."));
  {
    char c[4] = "";
    getcwd(c, 4);
    printf("%s\n", c);
  }
  fchdir(fd);
  long pid = fork();
  if (pid == 0) {
    mkdir("jail", 0755);
    put("jail/in", "inside");
    int out = open(".", O_RDONLY);
    E("chroot", SC(chroot, "jail"));
    cat("/in", "/in");
    E("dotdot is /", access("/../in", 0));
    E("cwd is outside", access("f", 0));
    {
      char c[300] = "";
      getcwd(c, 300);
      printf("getcwd says %s\n", strncmp(c, "(unreachable)", 13) == 0 ? "(unreachable)" : "something");
    }
    chdir("/");
    pwd("inside");
    fchdir(out);
    E("escape by descriptor", access("f", 0));
    SC(setresuid, 9, 9, 9);
    E("unprivileged", SC(chroot, "."));
    exit(0);
  }
  reap("jail", pid);
}
