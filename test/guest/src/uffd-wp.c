// userfaultfd(2): write protection by UFFDIO_WRITEPROTECT; SIGBUS mode; events of the non-cooperative mode (fork, remap, remove, unmap).
#include "mm.h"
#include <linux/userfaultfd.h>
static int uffd;
static char *area, page_[PAGE] __attribute__((aligned(4096)));
static long wp(void *at, u64 n, u64 mode) {
  struct uffdio_writeprotect w = { .range = { (u64)at, n }, .mode = mode };
  return ioctl(uffd, UFFDIO_WRITEPROTECT, &w);
}
static long api(u64 features) {
  struct uffdio_api a = { .api = UFFD_API, .features = features };
  long r = ioctl(uffd, UFFDIO_API, &a);
  if (r >= 0) printf("features here %d\n", (a.features & features) == features);
  return r;
}
static long unreg(void *at, u64 n) {
  struct uffdio_range r = { (u64)at, n };
  return ioctl(uffd, UFFDIO_UNREGISTER, &r);
}
static long reg(void *at, u64 n, u64 mode) {
  struct uffdio_register r = { .range = { (u64)at, n }, .mode = mode };
  return ioctl(uffd, UFFDIO_REGISTER, &r);
}
static int serve(void *n) {
  for (long i = 0; i < (long)n; i++) {
    struct uffd_msg m;
    if (read(uffd, &m, sizeof m) != sizeof m) continue;
    u64 at = m.arg.pagefault.address & -PAGE;
    fdprintf(1, "event %x page %ld flags %lx\n", m.event, (long)(at - (u64)area) / PAGE, (u64)m.arg.pagefault.flags);
    if (m.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP) wp((void *)at, PAGE, 0);
    else {
      struct uffdio_copy c = { .dst = at, .src = (u64)page_, .len = PAGE };
      ioctl(uffd, UFFDIO_COPY, &c);
    }
  }
  return 0;
}
static char seen[512];
#define log_(...) snprintf(seen + strlen(seen), 128, __VA_ARGS__)
static int events(void *n) {
  for (long i = 0; i < (long)n; i++) {
    struct uffd_msg m;
    if (read(uffd, &m, sizeof m) != sizeof m) continue;
    long base = (long)area;
    switch (m.event) {
      case UFFD_EVENT_FORK: log_("fork, descriptor %d\n", (int)m.arg.fork.ufd > 2); close(m.arg.fork.ufd); break;
      case UFFD_EVENT_REMAP: log_("remap page %ld, %ld pages\n", ((long)m.arg.remap.from - base) / PAGE, (long)m.arg.remap.len / PAGE); break;
      case UFFD_EVENT_REMOVE: log_("remove %ld to %ld\n", ((long)m.arg.remove.start - base) / PAGE, ((long)m.arg.remove.end - base) / PAGE); break;
      case UFFD_EVENT_UNMAP: log_("unmap %ld to %ld\n", ((long)m.arg.remove.start - base) / PAGE, ((long)m.arg.remove.end - base) / PAGE); break;
      default: log_("event %x\n", m.event);
    }
  }
  return 0;
}
int main(void) {
  uffd = SC(userfaultfd, O_CLOEXEC);
  E("api", api(UFFD_FEATURE_PAGEFAULT_FLAG_WP));
  area = mmap(place(16), 8 * PAGE, RW, ANON, -1, 0);
  memset(area, 'i', 4 * PAGE);
  E("protect unregistered", wp(area, PAGE, UFFDIO_WRITEPROTECT_MODE_WP));
  E("register", reg(area, 8 * PAGE, UFFDIO_REGISTER_MODE_WP | UFFDIO_REGISTER_MODE_MISSING));
  printf("uw %d um %d\n", vmflag(area, "uw"), vmflag(area, "um"));
  E("protect", wp(area, 2 * PAGE, UFFDIO_WRITEPROTECT_MODE_WP));
  E("protect unaligned", wp(area + 1, PAGE, UFFDIO_WRITEPROTECT_MODE_WP));
  E("protect bad mode", wp(area, PAGE, 64));
  E("protect and do not wake", wp(area, PAGE, UFFDIO_WRITEPROTECT_MODE_WP | UFFDIO_WRITEPROTECT_MODE_DONTWAKE));
  printf("reading is free %c\n", area[0]);
  struct thread t;
  thread_start(&t, serve, (void *)2);
  area[PAGE] = 'W';
  printf("written %c\n", area[PAGE]);
  area[PAGE + 1] = 'V';
  memset(page_, 'p', PAGE);
  printf("missing, too: %c\n", area[5 * PAGE]);
  thread_join(&t);
  // copy write-protected
  struct uffdio_copy c = { .dst = (u64)area + 6 * PAGE, .src = (u64)page_, .len = PAGE, .mode = UFFDIO_COPY_MODE_WP };
  E("copy protected", ioctl(uffd, UFFDIO_COPY, &c));
  thread_start(&t, serve, (void *)1);
  area[6 * PAGE] = 'q';
  printf("then %c\n", area[6 * PAGE]);
  thread_join(&t);
  // mprotect keeps the marks
  mprotect(area, PAGE, PROT_READ);
  mprotect(area, PAGE, RW);
  thread_start(&t, serve, (void *)1);
  area[0] = 'm';
  printf("after mprotect %c\n", area[0]);
  thread_join(&t);
  // taking the registration back lifts the protection
  wp(area, PAGE, UFFDIO_WRITEPROTECT_MODE_WP);
  E("unregister", unreg(area, 8 * PAGE));
  area[0] = 'u';
  printf("free %c\n", area[0]);
  close(uffd);
  // SIGBUS instead of messages
  uffd = SC(userfaultfd, O_CLOEXEC);
  E("api SIGBUS", api(UFFD_FEATURE_SIGBUS));
  char *b = mmap(0, 2 * PAGE, RW, ANON, -1, 0);
  E("register", reg(b, 2 * PAGE, UFFDIO_REGISTER_MODE_MISSING));
  FAULT("missing", b, LOOK(b + PAGE + 3));
  E("read() into it", read(open("/dev/zero", O_RDONLY), b, 1));
  close(uffd);
  // the non-cooperative mode
  uffd = SC(userfaultfd, O_CLOEXEC);
  E("api events", api(UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP));
  area = mmap(place(40), 8 * PAGE, RW, ANON, -1, 0);
  memset(area, 1, 8 * PAGE);
  E("register", reg(area, 8 * PAGE, UFFDIO_REGISTER_MODE_MISSING));
  thread_start(&t, events, (void *)5);
  long pid = fork();
  if (pid == 0) exit(0);
  reap("child", pid);
  E("DONTNEED", madvise(area + PAGE, PAGE, MADV_DONTNEED));
  E("munmap", munmap(area + 6 * PAGE, 2 * PAGE));
  char *to = mremap(area + 4 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 20 * PAGE);
  E("mremap", to);
  thread_join(&t);
  printf("%s", seen);
  printf("um %d\n", vmflag(to, "um"));
  printf("done\n");
}
