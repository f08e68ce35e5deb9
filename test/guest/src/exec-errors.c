// execve(2): ENOENT, EACCES for directories, missing x bits and noexec contents, ENOTDIR, ENOEXEC, EFAULT, ENAMETOOLONG, ELOOP.
#include "t.h"
int main(void) {
  char *a[] = { "x", NULL };
  put("text", "hello, not a program\n");
  chmod("text", 0755);
  put("plain", "#!/bin/sh\n");
  put("empty", "");
  chmod("empty", 0755);
  put("bad-elf", "\177ELF\2\1\1 nonsense follows, much too short");
  chmod("bad-elf", 0755);
  put("no-interp", "#!./missing\n");
  chmod("no-interp", 0755);
  put("blank-interp", "#!   \n");
  chmod("blank-interp", 0755);
  symlink("loop", "loop");
  mkdir("dir", 0755);
  E("missing", execve("./missing", a, NULL));
  E("directory", execve("dir", a, NULL));
  E("no x bit", execve("plain", a, NULL));
  E("text", execve("text", a, NULL));
  E("empty", execve("empty", a, NULL));
  E("bad elf", execve("bad-elf", a, NULL));
  E("missing interpreter", execve("no-interp", a, NULL));
  E("blank interpreter", execve("blank-interp", a, NULL));
  E("through a file", execve("text/x", a, NULL));
  E("loop", execve("loop", a, NULL));
  E("empty path", execve("", a, NULL));
  E("bad path", execve((char *)8, a, NULL));
  E("bad argv", execve("/proc/self/exe", (char **)8, NULL));
  char *bad[] = { (char *)8, NULL };
  E("bad argv[0]", execve("/proc/self/exe", bad, NULL));
  char *longest = malloc(5000);
  memset(longest, 'a', 4999);
  longest[4999] = 0;
  E("long name", execve(longest, a, NULL));
}
