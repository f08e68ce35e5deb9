// userfaultfd(2), ioctl_userfaultfd(2): missing pages of anonymous and shared memory, handled by another thread or process.
#include "mm.h"
#include <linux/userfaultfd.h>
static int uffd;
static char *area, page_[2 * PAGE] __attribute__((aligned(4096)));
static long api(int fd, u64 features) {
  struct uffdio_api a = { .api = UFFD_API, .features = features };
  long r = ioctl(fd, UFFDIO_API, &a);
  if (r >= 0) printf("api %lx ioctls %d\n", (u64)a.api, (a.ioctls & 7) != 0);
  return r;
}
static long unreg(void *at, u64 n) {
  struct uffdio_range r = { (u64)at, n };
  return ioctl(uffd, UFFDIO_UNREGISTER, &r);
}
static long reg(void *at, u64 n, u64 mode) {
  struct uffdio_register r = { .range = { (u64)at, n }, .mode = mode };
  long e = ioctl(uffd, UFFDIO_REGISTER, &r);
  if (e >= 0) printf("offers copy %d zeropage %d wake %d\n", (int)(r.ioctls >> _UFFDIO_COPY & 1), (int)(r.ioctls >> _UFFDIO_ZEROPAGE & 1), (int)(r.ioctls >> _UFFDIO_WAKE & 1));
  return e;
}
static long copy(void *to, const void *from, u64 n, u64 mode) {
  struct uffdio_copy c = { .dst = (u64)to, .src = (u64)from, .len = n, .mode = mode };
  long r = ioctl(uffd, UFFDIO_COPY, &c);
  printf("copy %s, %ld\n", err(r), (long)c.copy);
  return r;
}
static int serve(void *n) {
  for (long i = 0; i < (long)n; i++) {
    struct uffd_msg m;
    struct pollfd pf = { uffd, POLLIN, 0 };
    ppoll(&pf, 1, NULL, NULL);
    if (read(uffd, &m, sizeof m) != sizeof m) continue;
    u64 at = m.arg.pagefault.address & -PAGE;
    fdprintf(1, "event %x page %ld flags %lx\n", m.event, (long)(at - (u64)area) / PAGE, (u64)m.arg.pagefault.flags);
    memset(page_, 'A' + (at - (u64)area) / PAGE, PAGE);
    struct uffdio_copy c = { .dst = at, .src = (u64)page_, .len = PAGE };
    ioctl(uffd, UFFDIO_COPY, &c);
  }
  return 0;
}
int main(void) {
  E("bad flags", SC(userfaultfd, 0x100));
  uffd = SC(userfaultfd, O_CLOEXEC | O_NONBLOCK);
  E("userfaultfd", uffd);
  struct uffd_msg m;
  E("read before api", read(uffd, &m, sizeof m));
  E("register before api", reg(page_, PAGE, UFFDIO_REGISTER_MODE_MISSING));
  struct uffdio_api bad = { .api = 0x11 };
  E("bad api", ioctl(uffd, UFFDIO_API, &bad));
  E("api", api(uffd, 0));
  E("api twice", api(uffd, 0));
  E("unknown ioctl", ioctl(uffd, _IO(UFFDIO, 0x55)));
  E("read without events", read(uffd, &m, sizeof m));
  E("read too small", read(uffd, &m, 8));
  area = mmap(place(16), 8 * PAGE, RW, ANON, -1, 0);
  E("register unaligned", reg(area + 1, PAGE, UFFDIO_REGISTER_MODE_MISSING));
  E("register no mode", reg(area, PAGE, 0));
  E("register bad mode", reg(area, PAGE, 64));
  E("register nothing", reg(area, 0, UFFDIO_REGISTER_MODE_MISSING));
  E("register a hole", reg(area + 8 * PAGE, PAGE, UFFDIO_REGISTER_MODE_MISSING));
  E("register", reg(area, 8 * PAGE, UFFDIO_REGISTER_MODE_MISSING));
  printf("flag um %d\n", vmflag(area, "um"));
  // filled ahead
  memset(page_, 'x', 2 * PAGE);
  copy(area, page_, 2 * PAGE, 0);
  printf("%c %c\n", area[0], area[2 * PAGE - 1]);
  copy(area + PAGE, page_, PAGE, 0);
  copy(area + 1, page_, PAGE, 0);
  copy(area, page_, 0, 0);
  copy(area + 2 * PAGE, page_, PAGE, 64);
  copy(area + 100 * PAGE, page_, PAGE, 0);
  copy(area + 2 * PAGE, (void *)8, PAGE, 0);
  struct uffdio_zeropage z = { .range = { (u64)area + 2 * PAGE, PAGE } };
  E("zeropage", ioctl(uffd, UFFDIO_ZEROPAGE, &z));
  printf("%ld %d\n", (long)z.zeropage, area[2 * PAGE]);
  area[2 * PAGE] = 5;
  printf("written %d\n", area[2 * PAGE]);
  E("zeropage again", ioctl(uffd, UFFDIO_ZEROPAGE, &z));
  struct uffdio_range w = { (u64)area, PAGE };
  E("wake nobody", ioctl(uffd, UFFDIO_WAKE, &w));
  // a thread serves us
  struct thread t;
  thread_start(&t, serve, (void *)3);
  printf("read %c\n", area[3 * PAGE]);
  area[4 * PAGE + 1] = 'w';
  __asm__ volatile("" ::: "memory");
  printf("write %c%c\n", area[4 * PAGE], area[4 * PAGE + 1]);
  put("f", "from a file");
  int fd = open("f", O_RDONLY);
  V("read() into it", read(fd, area + 5 * PAGE, 4));
  printf("%c%c%c%c%c\n", area[5 * PAGE], area[5 * PAGE + 1], area[5 * PAGE + 2], area[5 * PAGE + 3], area[5 * PAGE + 4]);
  thread_join(&t);
  // dropped pages fault again
  madvise(area, PAGE, MADV_DONTNEED);
  thread_start(&t, serve, (void *)1);
  printf("after DONTNEED %c\n", area[0]);
  thread_join(&t);
  // the other mode of registration: taken back
  E("unregister", unreg(area + 6 * PAGE, 2 * PAGE));
  printf("plain zero %d um %d %d\n", area[6 * PAGE], vmflag(area + 6 * PAGE, "um"), vmflag(area, "um"));
  copy(area + 7 * PAGE, page_, PAGE, 0);
  // a child's memory is its own
  long pid = fork();
  if (pid == 0) { printf("child %d um %d\n", area[3 * PAGE], vmflag(area, "um")); exit(0); }
  reap("child", pid);
  // shared memory
  char *old = area;
  area = mmap(0, 4 * PAGE, RW, SHANON, -1, 0);
  E("register shared", reg(area, 4 * PAGE, UFFDIO_REGISTER_MODE_MISSING));
  thread_start(&t, serve, (void *)1);
  printf("shared %c\n", area[PAGE]);
  thread_join(&t);
  copy(area + 2 * PAGE, page_, PAGE, 0);
  printf("%c\n", area[2 * PAGE]);
  // a private mapping of a file cannot be
  char *f = mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0);
  E("private file", reg(f, PAGE, UFFDIO_REGISTER_MODE_MISSING));
  int other = SC(userfaultfd, O_CLOEXEC);
  int keep = uffd;
  uffd = other;
  api(uffd, 0);
  E("of another descriptor", reg(old, PAGE, UFFDIO_REGISTER_MODE_MISSING));
  close(other);
  uffd = keep;
  // closing it frees everybody
  close(uffd);
  printf("after close %d um %d\n", area[3 * PAGE], vmflag(area, "um"));
}
