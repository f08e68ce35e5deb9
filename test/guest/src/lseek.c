// lseek(2): whence, seeking past the end, errors, SEEK_DATA and SEEK_HOLE on a file without holes and at its end.
#include "t.h"
int main(void) {
  put("f", "0123456789");
  int fd = open("f", O_RDWR), p[2];
  V("set 5", lseek(fd, 5, 0));
  V("cur -2", lseek(fd, -2, 1));
  V("end -1", lseek(fd, -1, 2));
  V("past the end", lseek(fd, 100, 0));
  char c;
  V("read there", read(fd, &c, 1));
  E("negative", lseek(fd, -1, 0));
  E("before start", lseek(fd, -200, 1));
  V("unchanged", lseek(fd, 0, 1));
  E("whence", lseek(fd, 0, 9));
  V("data from 3", lseek(fd, 3, 3));
  V("hole from 3", lseek(fd, 3, 4));
  E("data at the end", lseek(fd, 10, 3));
  E("hole at the end", lseek(fd, 10, 4));
  V("big", lseek(fd, 1l << 40, 0));
  E("overflow", lseek(fd, 0x7fffffffffffffff, 1));
  pipe(p);
  E("pipe", lseek(p[0], 0, 0));
  V("null device", lseek(open("/dev/null", O_RDONLY), 50, 0));
}
