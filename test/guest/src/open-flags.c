// open(2): O_CREAT, O_EXCL, O_TRUNC, access modes, and what reading and writing then answer.
#include "t.h"
int main(void) {
  char c;
  E("missing", open("f", O_RDONLY));
  int fd = open("f", O_WRONLY | O_CREAT | O_EXCL, 0644);
  V("created", fd);
  E("write", write(fd, "hello", 5));
  E("read of write-only", read(fd, &c, 1));
  close(fd);
  E("exclusive again", open("f", O_RDWR | O_CREAT | O_EXCL, 0644));
  fd = open("f", O_RDONLY | O_CREAT, 0);
  V("read", read(fd, &c, 1));
  E("write of read-only", write(fd, "x", 1));
  E("truncate of read-only", ftruncate(fd, 0));
  close(fd);
  fd = open("f", O_RDWR | O_TRUNC);
  V("after O_TRUNC", lseek(fd, 0, 2));
  E("access mode 3", write(open("f", 3), "x", 1));
  mkdir("d", 0755);
  E("dir for writing", open("d", O_WRONLY));
  E("dir with O_CREAT", open("d", O_RDONLY | O_CREAT, 0644));
  E("dir O_DIRECTORY", open("d", O_RDONLY | O_DIRECTORY));
  E("file O_DIRECTORY", open("f", O_RDONLY | O_DIRECTORY));
  E("O_DIRECTORY missing", open("n", O_DIRECTORY));
  E("read a dir", read(open("d", O_RDONLY), &c, 1));
  E("trailing slash on a file", open("f/", O_RDONLY));
  E("create with trailing slash", open("n/", O_WRONLY | O_CREAT, 0644));
  E("create in a missing dir", open("x/n", O_WRONLY | O_CREAT, 0644));
  E("below a file", open("f/n", O_RDONLY));
  E("empty path", open("", O_RDONLY));
  V("getfl",
    fcntl(open("f", O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC), F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT | O_CLOEXEC));
}
