// execve(2), open(2): a running program cannot be opened for writing, a file open for writing cannot be executed; unlink and rename are
// fine.
#include "t.h"
int main(int argc, char **argv) {
  if (argc > 1) {
    gate_open((struct gate[]){ { 0, 3 } });
    char c;
    read(4, &c, 1);
    return 6;
  }
  static char b[100000];
  long n = slurp("/proc/self/exe", b, sizeof b);
  int fd = open("p", O_RDWR | O_CREAT, 0755);
  write(fd, b, n);
  char *a[] = { "p", "x", NULL };
  int out[2], in[2];
  E("open for writing", execve("./p", a, NULL));
  close(fd);
  pipe(out);
  pipe(in);
  dup3(out[1], 30, 0);
  dup3(in[0], 31, 0);
  long pid = fork();
  if (pid == 0) {
    dup3(30, 3, 0);
    dup3(31, 4, 0);
    exit(-execve("./p", a, NULL));
  }
  char c;
  read(out[0], &c, 1);
  E("write", open("p", O_WRONLY));
  E("truncate open", open("p", O_RDONLY | O_TRUNC));
  E("truncate", truncate("p", 0));
  E("read", open("p", O_RDONLY));
  E("chmod", chmod("p", 0700));
  E("rename", rename("p", "q"));
  E("write by the new name", open("q", O_RDWR));
  E("unlink", unlink("q"));
  write(in[1], "x", 1);
  reap("program", pid);
}
