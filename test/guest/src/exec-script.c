// execve(2): "#!interpreter [one argument]"; the script's path replaces argv[0]; interpreters nest; a trailing CR or blanks are as in
// Linux.
#include "t.h"
int main(int argc, char **argv) {
  if (argc > 1) {
    for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
    printf("\n");
    return argc;
  }
  static char b[200000];
  long n = slurp("/proc/self/exe", b, sizeof b);
  int fd = open("interp", O_WRONLY | O_CREAT, 0755);
  write(fd, b, n);
  close(fd);
  put("a", "#!./interp\nrest is ignored");
  put("b", "#! ./interp  one two  \n");
  put("c", "#!./b\n");
  put("d", "#!./interp");
  char *scripts[] = { "./a", "./b", "./c", "./d" };
  for (int i = 0; i < 4; i++) {
    chmod(scripts[i], 0755);
    char *a[] = { "lost", "x", "y z", NULL };
    long pid = fork();
    if (pid == 0) exit(-execve(scripts[i], a, NULL));
    reap(scripts[i], pid);
  }
  put("self", "#!./self\n");
  chmod("self", 0755);
  char *a[] = { "self", NULL };
  E("endless interpreters", execve("./self", a, NULL));
}
