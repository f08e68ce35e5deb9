// syscall-fuzz [SEED] [CALLS] [PER_CHILD]: random system calls with random and hostile arguments, made by short-lived children.
// The host's test looks for oopses, hangs and frames that did not come back; the program itself only says that it got to the end.
//
// Run as pid > 1 in its world (test/guest/world.c): the children kill(-1) happily, so it ignores what can be ignored, and leads a session
// of its own; calls that would end the whole machine or the parent for certain are left out (see `spare`).
#include "fuzz.h"
#include <linux/prctl.h>

static const u64 edges[] = { 0,
                             1,
                             2,
                             3,
                             7,
                             8,
                             16,
                             63,
                             64,
                             127,
                             255,
                             256,
                             4095,
                             4096,
                             4097,
                             65535,
                             65536,
                             0x7fffffff,
                             0x80000000,
                             0xffffffff,
                             0x100000000,
                             0x3fffffffff,
                             0x4000000000,
                             0x7fffffffffffffff,
                             0x8000000000000000,
                             0xffffffff80000000,
                             0xfffffffffffff000,
                             -1ul,
                             -2ul,
                             -100ul };
static const char *paths[] = { "/",
                               ".",
                               "..",
                               "f",
                               "d",
                               "d/x",
                               "/proc/self/mem",
                               "/proc/self/fd/3",
                               "/proc/self/maps",
                               "/dev/null",
                               "/dev/zero",
                               "/dev/ptmx",
                               "/dev/tty",
                               "/dev/full",
                               "loop",
                               "link",
                               "fifo",
                               "sock",
                               "",
                               "/nonexistent/x",
                               "/proc/1/status",
                               "/tmp/w/d/../f",
                               "/proc/self/exe",
                               "/dev/pts/0",
                               "/proc/sys/kernel/hostname" };
static long *made; // shared: calls that were really made
static int null;   // opened before somebody removes /dev/null
static u8 *pool, *edge, *readonly;

/** One argument: a small number, an edge, a descriptor, a pointer that is good, half good, read-only, wild, or to a path or a struct of
 * noise. */
static u64 argument(void) {
  switch (below(16)) {
  case 0:
  case 1: return below(16);
  case 2: return below(80);
  case 3:
  case 4: return edges[below(sizeof edges / sizeof *edges)];
  case 5: return 1ul << below(64);
  case 6: return (u64)pool + below(8 * PAGE);
  case 7:
  case 8: return (u64)pool + below(64) * 64;
  case 9: return (u64)edge - below(40);
  case 10: return (u64)readonly + below(PAGE);
  case 11: return (u64)paths[below(sizeof paths / sizeof *paths)];
  case 12: return rnd();
  case 13: return (u64)edge + below(2 * PAGE);
  case 14: { // an array of pointers and sizes: iovec, argv, msghdr
    u64 *v = (u64 *)(pool + 16 * PAGE);
    for (int i = 0; i < 16; i++) v[i] = below(3) ? (u64)pool + below(PAGE) : below(2) ? below(100) : rnd();
    return (u64)v;
  }
  default: return AT_FDCWD;
  }
}
static void noise(void) {
  u64 *p = (u64 *)pool;
  for (int i = 0; i < 8; i++) p[below(512)] = below(2) ? below(64) : below(2) ? edges[below(sizeof edges / sizeof *edges)] : rnd();
}

static int privileged;
/** What would say nothing about the kernel: ending ourselves, powering off, waiting for ever, forking without end. */
static int spare(u64 nr) {
  if (privileged) {
    static const u16 reach[] = { __NR_clone,
                                 __NR_clone3,
                                 __NR_kill,
                                 __NR_tgkill,
                                 __NR_tkill,
                                 __NR_rt_sigqueueinfo,
                                 __NR_rt_tgsigqueueinfo,
                                 __NR_ptrace,
                                 __NR_process_vm_writev,
                                 __NR_prlimit64,
                                 424 };
    for (unsigned i = 0; i < sizeof reach / sizeof *reach; i++)
      if (nr == reach[i]) return 1;
  }
  switch (nr) {
  case __NR_exit:
  case __NR_exit_group:
  case __NR_reboot:
  case __NR_rt_sigreturn: return 1;
  case __NR_clone:
  case __NR_clone3: return below(50) != 0;
  case __NR_kill:
  case __NR_tgkill:
  case __NR_tkill: return below(4) != 0;
  case __NR_rt_sigsuspend:
  case __NR_ppoll:
  case __NR_pselect6:
  case __NR_nanosleep:
  case __NR_clock_nanosleep:
  case __NR_rt_sigtimedwait:
  case __NR_epoll_pwait: return below(20) != 0;
  }
  return 0;
}
static void crash(int s) { exit(100 + s); }

static void wake(int s) {}

static int child(void *arg) {
  long calls = (long)arg;
  for (int fd = 0; fd < 3; fd++) must(dup3(null, fd, 0)); // nobody wants to read what is written to descriptor 1
  close(null);
  static const char fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGPIPE, SIGTTIN, SIGTTOU, SIGHUP, SIGXFSZ, SIGSYS };
  for (unsigned i = 0; i < sizeof fatal; i++) sigact(fatal[i], i < 4 ? (void *)crash : SIG_IGN, 0, 0);
  struct {
    struct timeval i, v;
  } it = { { 0, 5000 }, { 0, 20000 } };
  sigact(SIGALRM, wake, 0, 0); // whatever waits is interrupted
  SC(setitimer, 0, &it, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (long i = 0; i < calls; i++) {
    u64 nr = below(3) ? below(300) : below(3) ? 400 + below(60) : rnd();
    u64 a[6];
    for (int j = 0; j < 6; j++) a[j] = argument();
    if (below(8) == 0) noise();
    if (spare(nr)) continue;
    __atomic_add_fetch(made, 1, __ATOMIC_RELAXED);
    __sc(a[0], a[1], a[2], a[3], a[4], a[5], nr);
  }
  return 0;
}

static void prepare(void) {
  pool = mmap(0, 32 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  readonly = mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  edge = (u8 *)mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + PAGE;
  munmap(edge, 2 * PAGE);
  int p[2];
  put("f", "file content");
  mkdir("d", 0755);
  put("d/x", "x");
  symlink("loop", "loop");
  symlink("f", "link");
  mkfifo("fifo", 0666);
  open("f", O_RDWR);
  open("d", O_RDONLY);
  pipe(p);
  SC(socketpair, 1, 1, 0, p);
  SC(eventfd2, 3, O_NONBLOCK);
  SC(epoll_create1, 0);
  SC(timerfd_create, 1, O_NONBLOCK);
  open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
  SC(memfd_create, "m", 0);
  SC(inotify_init1, O_NONBLOCK);
}

int main(int argc, char **argv) {
  u64 s = number(argc > 1 ? argv[1] : NULL, 1);
  long total = number(argc > 2 ? argv[2] : NULL, 10000), per = number(argc > 3 ? argv[3] : NULL, 500);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  private_world();
  null = must(open("/dev/null", O_RDWR));
  prepare();
  // Far from where wild pointers go.
  made = mmap((void *)0x70000000, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  long children = 0, exited = 0, killed = 0;
  for (long done = 0; done < total; done += per, children++) {
    seed(s + children);
    long n = total - done < per ? total - done : per;
    // A process group and session of its own keeps kill(0) and terminal signals away from us.
    long pid = fork();
    if (pid == 0) {
      setsid();
      SC(setresgid, 1000, 1000, 1000);
      privileged = children % 4 == 0;
      if (!privileged) SC(setresuid, 1000, 1000, 1000);
      exit(child((void *)n));
    }
    int st = end_within(pid, 1000);
    if ((st & 0x7f) == 0)
      exited++;
    else
      killed++;
    reap_orphans();
  }
  leave_world();
  printf("syscall-fuzz: seed %lu calls %ld children %ld exited %ld %s\n", s, *made, children, exited,
         exited + killed == children ? "all ended" : "LOST");
  return 0;
}
