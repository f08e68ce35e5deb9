// userfaultfd(2): who may have one, user-mode-only descriptors, exact addresses and thread ids, pages put without waking, several waiters,
// signals and death while waiting, shared memory write-protected, another process as the monitor.
#include "mm.h"
#include <linux/userfaultfd.h>
static int uffd;
static char *area, page_[PAGE] __attribute__((aligned(4096)));
static int caught;
static void handler(int sig) { caught++; }
static long api(int fd, u64 features) {
  struct uffdio_api a = { .api = UFFD_API, .features = features };
  return ioctl(fd, UFFDIO_API, &a);
}
static long reg(void *at, u64 n, u64 mode) {
  struct uffdio_register r = { .range = { (u64)at, n }, .mode = mode };
  return ioctl(uffd, UFFDIO_REGISTER, &r);
}
static long copy(void *to, u64 mode) {
  struct uffdio_copy c = { .dst = (u64)to, .src = (u64)page_, .len = PAGE, .mode = mode };
  return ioctl(uffd, UFFDIO_COPY, &c);
}
static long wake(void *at, u64 n) {
  struct uffdio_range r = { (u64)at, n };
  return ioctl(uffd, UFFDIO_WAKE, &r);
}
static long protect(void *at, u64 n, u64 mode) {
  struct uffdio_writeprotect w = { .range = { (u64)at, n }, .mode = mode };
  return ioctl(uffd, UFFDIO_WRITEPROTECT, &w);
}
static struct uffd_msg m;
static long next(void) { long r = read(uffd, &m, sizeof m); return r == sizeof m ? m.event : r; }
static int toucher(void *at) { return peek_(at); }
static int reader(void *x) {
  struct pollfd pf = { uffd, POLLIN, 0 };
  ppoll(&pf, 1, NULL, NULL);
  return next();
}
int main(void) {
  memset(page_, 'z', PAGE);
  area = mmap(place(24), 16 * PAGE, RW, ANON, -1, 0);
  long pid = fork();
  if (pid == 0) {
    drop();
    E("unprivileged", SC(userfaultfd, O_CLOEXEC));
    uffd = SC(userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);
    E("user mode only", uffd);
    E("fork events", api(uffd, UFFD_FEATURE_EVENT_FORK));
    E("other events", api(uffd, UFFD_FEATURE_EVENT_UNMAP));
    E("register", reg(area, 2 * PAGE, UFFDIO_REGISTER_MODE_MISSING));
    E("kernel access", read(open("/dev/zero", O_RDONLY), area, 1));
    E("filled", copy(area, 0));
    E("kernel access", read(open("/dev/zero", O_RDONLY), area, 1));
    exit(0);
  }
  reap("rights", pid);

  uffd = SC(userfaultfd, O_CLOEXEC);
  struct pollfd pf = { uffd, POLLIN, 0 };
  struct timespec now = { 0, 0 };
  ppoll(&pf, 1, &now, NULL);
  printf("poll before api %x\n", pf.revents);
  E("api", api(uffd, UFFD_FEATURE_THREAD_ID | 1 << 11 /* UFFD_FEATURE_EXACT_ADDRESS */));
  ppoll(&pf, 1, &now, NULL);
  printf("poll of a blocking one %x\n", pf.revents);
  E("register", reg(area, 8 * PAGE, UFFDIO_REGISTER_MODE_MISSING));
  // another process watches us: a child of ours is the one that faults
  struct thread t;
  thread_start(&t, toucher, area + 2 * PAGE + 77);
  printf("event %lx", next());
  printf(" exact %ld, thread %d\n", (long)m.arg.pagefault.address - (long)area - 2 * PAGE, m.arg.pagefault.feat.ptid == (u32)t.tid);
  E("put without waking", copy(area + 2 * PAGE, UFFDIO_COPY_MODE_DONTWAKE));
  msleep(20);
  printf("still waits %d\n", __atomic_load_n(&t.done, 5) != 0);
  E("wake elsewhere", wake(area, PAGE));
  msleep(20);
  printf("still waits %d\n", __atomic_load_n(&t.done, 5) != 0);
  E("wake", wake(area + 2 * PAGE, PAGE));
  thread_join(&t);
  printf("there %c\n", area[2 * PAGE]);
  // woken without a page: it faults again
  thread_start(&t, toucher, area + 3 * PAGE);
  next();
  wake(area + 3 * PAGE, PAGE);
  printf("again %lx\n", next());
  copy(area + 3 * PAGE, 0);
  thread_join(&t);
  // three wait for one page
  struct thread w[3];
  for (int i = 0; i < 3; i++) thread_start(&w[i], toucher, area + 4 * PAGE);
  for (int i = 0; i < 3; i++) next();
  E("one page for three", copy(area + 4 * PAGE, 0));
  for (int i = 0; i < 3; i++) thread_join(&w[i]);
  printf("all went on\n");
  // a monitor of another process' memory: the descriptor is inherited, the memory is the parent's
  int monitor = fork();
  if (monitor == 0) {
    printf("monitor sees %lx\n", next());
    page_[0] = 'm';
    E("monitor puts", copy(area + 5 * PAGE, 0));
    exit(0);
  }
  char from = area[5 * PAGE];
  reap("monitor", monitor);
  printf("from the monitor %c\n", from);
  close(uffd);

  // shared memory, write-protected: the page of the object stays one
  uffd = SC(userfaultfd, O_CLOEXEC);
  api(uffd, 0);
  char *s = mmap(0, 2 * PAGE, RW, SHANON, -1, 0);
  s[0] = 's';
  E("register shared for writes", reg(s, 2 * PAGE, UFFDIO_REGISTER_MODE_WP));
  E("protect", protect(s, PAGE, UFFDIO_WRITEPROTECT_MODE_WP));
  char *p = mmap(0, PAGE, RW, ANON, -1, 0);
  p[0] = 'p';
  E("register", reg(p, PAGE, UFFDIO_REGISTER_MODE_WP));
  E("protect", protect(p, PAGE, UFFDIO_WRITEPROTECT_MODE_WP));
  madvise(p, PAGE, MADV_DONTNEED);
  p[0] = 'q';
  printf("a new page is free %c\n", p[0]);
  close(uffd);
  s[0] = 't';
  printf("closed, free %c\n", s[0]);

  // killed while it waits; a signal handler runs while it waits
  uffd = SC(userfaultfd, O_CLOEXEC | O_NONBLOCK);
  api(uffd, UFFD_FEATURE_EVENT_FORK);
  reg(area + 8 * PAGE, 4 * PAGE, UFFDIO_REGISTER_MODE_MISSING);
  thread_start(&t, reader, 0);
  pid = fork();
  if (pid == 0) { LOOK(area + 8 * PAGE); exit(1); }
  thread_join(&t);
  printf("fork event %x\n", m.event);
  int its = m.arg.fork.ufd, ours = uffd;
  uffd = its;
  pf.fd = its;
  ppoll(&pf, 1, NULL, NULL);
  printf("child's fault %lx\n", next());
  kill(pid, SIGKILL);
  reap("killed", pid);
  E("put into the dead", copy(area + 8 * PAGE, 0));
  close(its);
  uffd = ours;
  sigact(SIGUSR1, handler, 0, 0);
  thread_start(&t, toucher, area + 9 * PAGE);
  pf.fd = uffd;
  ppoll(&pf, 1, NULL, NULL);
  next();
  tgkill(getpid(), t.tid, SIGUSR1);
  while (__atomic_load_n(&caught, 5) == 0) msleep(1);
  printf("handler ran, still waits %d\n", __atomic_load_n(&t.done, 5) != 0);
  E("put", copy(area + 9 * PAGE, 0));
  thread_join(&t);
  printf("there %c\n", area[9 * PAGE]);
}
