// null(4), zero(4), full(4), random(4): the memory devices, and device nodes made by mknod.
#include "t.h"
int main(void) {
  char b[16];
  char sum = 0;
  int z = open("/dev/zero", O_RDWR), n = open("/dev/null", O_RDWR), f = open("/dev/full", O_RDWR), r = open("/dev/urandom", O_RDWR);
  memset(b, 1, 16);
  V("zero", read(z, b, 16));
  for (int i = 0; i < 16; i++) sum |= b[i];
  printf("sum %d\n", sum);
  V("zero write", write(z, b, 16));
  V("null read", read(n, b, 16));
  V("null write", write(n, b, 16));
  memset(b, 1, 16);
  V("full read", read(f, b, 16));
  printf("%d\n", b[7]);
  E("full write", write(f, b, 1));
  V("full empty write", write(f, b, 0));
  u64 a[2] = { 0, 0 };
  V("random", read(r, a, 16));
  printf("random %d\n", a[0] != a[1] && a[0] != 0);
  V("random write", write(r, b, 4));
  V("random device", read(open("/dev/random", O_RDONLY), a, 8));
  E("make null", mknod("mynull", S_IFCHR | 0666, makedev(1, 3)));
  V("write", write(open("mynull", O_WRONLY), "abc", 3));
  E("make unknown", mknod("unknown", S_IFCHR | 0666, makedev(200, 77)));
  E("open it", open("unknown", O_RDONLY));
  E("block without driver", (mknod("blk", S_IFBLK | 0666, makedev(250, 1)), open("blk", O_RDONLY)));
  E("regular", mknod("reg", S_IFREG | 0600, 0));
  E("plain 0", mknod("reg0", 0600, 0));
  E("directory", mknod("dir", S_IFDIR | 0755, 0));
  E("exists", mknod("reg", S_IFREG, 0));
  E("socket node", mknod("sock", S_IFSOCK | 0600, 0));
  E("open a socket node", open("sock", O_RDWR));
  char *m = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, z, 0);
  printf("map of zero %d\n", m[5]);
  m[5] = 1;
  char *s = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, z, 0);
  long pid = fork();
  if (pid == 0) {
    s[0] = 9;
    exit(0);
  }
  reap("child", pid);
  printf("shared map of zero %d\n", s[0]);
  E("map of null", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, n, 0));
  struct stat st;
  stat_("/dev/tty", &st);
  printf("tty %lx %o\n", (u64)st.st_rdev, st.st_mode & S_IFMT);
}
