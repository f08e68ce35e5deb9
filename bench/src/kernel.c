// What the kernel does, one operation at a time (`kernel NAME COUNT` only does it): `kernel NAME` prints the nanoseconds of one operation, the best of thirty batches (the others were disturbed).
// Time is CPU time of the process and its children (getrusage(2)), everything is on one CPU, as on a machine with one hart. Files lie in /dev/shm, so that
// all contenders measure memory and no disk.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH_NS 8e6
#define BATCHES 30
#define FILE_BYTES (1 << 20)

static char path[64], fresh[80], block[65536];
static int file = -1;

static void die(const char *what) { perror(what); exit(1); }
static void must(int ok, const char *what) { if (!ok) die(what); }

static void getppid_(long n) { while (n--) syscall(SYS_getppid); }

static int there[2], back[2];
static void pipes(long n) {
  char c = 'x';
  must(!pipe(there) && !pipe(back), "pipe");
  pid_t pid = fork();
  must(pid >= 0, "fork");
  if (pid == 0) {
    close(there[1]); close(back[0]);
    while (read(there[0], &c, 1) == 1) if (write(back[1], &c, 1) != 1) break;
    _exit(0);
  }
  close(there[0]); close(back[1]);
  while (n--) must(write(there[1], &c, 1) == 1 && read(back[0], &c, 1) == 1, "pipe");
  close(there[1]); close(back[0]);
  must(waitpid(pid, 0, 0) == pid, "waitpid");
}

static int word;
static long rounds;
static void turn(int mine) {
  while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) != mine) syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, !mine, 0, 0, 0);
}
static void give(int other) { __atomic_store_n(&word, other, __ATOMIC_RELEASE); syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0); }
static void *partner(void *none) {
  for (long i = 0; i < rounds; i++) { turn(1); give(0); }
  return none;
}
static void futexes(long n) {
  pthread_t other;
  word = 0; rounds = n;
  must(!pthread_create(&other, 0, partner, 0), "pthread_create");
  while (n--) { give(1); turn(0); }
  pthread_join(other, 0);
}

static void forks(long n) {
  while (n--) {
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) _exit(0);
    must(waitpid(pid, 0, 0) == pid, "waitpid");
  }
}

/** Words of $BENCH_EXEC: a program, or an emulator and a program. */
static char *program[8];
static void execs(long n) {
  while (n--) {
    pid_t pid = fork();
    int status;
    must(pid >= 0, "fork");
    if (pid == 0) { dup2(open("/dev/null", O_WRONLY), 1); execv(program[0], program); _exit(127); }
    must(waitpid(pid, &status, 0) == pid && status == 0, "exec");
  }
}
static void spawns(long n) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  while (n--) {
    pid_t pid;
    int status;
    must(!posix_spawn(&pid, program[0], &actions, 0, program, environ), "posix_spawn");
    must(waitpid(pid, &status, 0) == pid && status == 0, "spawn");
  }
}

static void *nothing(void *p) { return p; }
static void threads(long n) {
  while (n--) {
    pthread_t t;
    must(!pthread_create(&t, 0, nothing, 0), "pthread_create");
    pthread_join(t, 0);
  }
}

static volatile long handled;
static void handler(int sig) { (void)sig; handled++; }
static void signals(long n) {
  pid_t self = getpid();
  signal(SIGUSR1, handler);
  while (n--) kill(self, SIGUSR1);
}

/** n page faults, 256 a mapping; the mapping's own cost is a hundredth of it. */
static void touch(long n, int prot, int flags, int fd, int before) {
  for (; n > 0; n -= 256) {
    volatile char *p = mmap(0, 256 * 4096, prot, flags, fd, 0);
    must(p != MAP_FAILED, "mmap");
    if (before) for (int i = 0; i < 256; i++) (void)p[i * 4096];
    for (int i = 0; i < 256; i++) if (prot & PROT_WRITE) p[i * 4096] = 1; else (void)p[i * 4096];
    munmap((void *)p, 256 * 4096);
  }
}
static void fault_anon(long n) { touch(n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void fault_file(long n) { touch(n, PROT_READ, MAP_SHARED, file, 0); }
static void fault_cow(long n) { touch(n, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0); }

static void maps(long n) {
  while (n--) {
    void *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(p != MAP_FAILED && !munmap(p, 4096), "mmap");
  }
}
static void opens(long n) {
  while (n--) {
    int fd = open(path, O_RDONLY);
    must(fd >= 0 && read(fd, block, 1024) == 1024 && !close(fd), "open");
  }
}
static void stats(long n) {
  struct stat st;
  while (n--) must(!stat(path, &st), "stat");
}
static void creates(long n) {
  while (n--) {
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL, 0600);
    must(fd >= 0 && write(fd, block, 1024) == 1024 && !close(fd) && !unlink(fresh), "creat");
  }
}
static void reads(long n) {
  while (n--) must(pread(file, block, sizeof block, 0) == sizeof block, "read");
}

static const struct { const char *name; void (*run)(long); long atleast; } all[] = {    // atleast: where one operation alone would be lost beside preparing it
  {"getppid", getppid_, 1}, {"pipe", pipes, 512}, {"futex", futexes, 512}, {"fork", forks, 1}, {"exec", execs, 1}, {"spawn", spawns, 1},
  {"thread", threads, 1}, {"signal", signals, 1}, {"fault-anon", fault_anon, 256}, {"fault-file", fault_file, 256}, {"fault-cow", fault_cow, 256},
  {"mmap", maps, 1}, {"open", opens, 1}, {"stat", stats, 1}, {"creat", creates, 1}, {"read64k", reads, 1},
};

static double now(void) {
  struct rusage self, children;
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  return (self.ru_utime.tv_sec + self.ru_stime.tv_sec + children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1e9
    + (self.ru_utime.tv_usec + self.ru_stime.tv_usec + children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1e3;
}

static double timed(void (*run)(long), long n) {
  double from = now();
  run(n);
  return now() - from;
}

static void prepare(void) {
  const char *dir = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
  char *words = strdup(getenv("BENCH_EXEC") ? getenv("BENCH_EXEC") : "/bin/true");
  int n = 0;
  for (char *w = strtok(words, " "); w && n < 7; w = strtok(0, " ")) program[n++] = w;
  snprintf(path, sizeof path, "%s/kspace-bench-%d", dir, getpid());
  snprintf(fresh, sizeof fresh, "%s.new", path);
  file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
  must(file >= 0, path);
  for (int i = 0; i < FILE_BYTES; i += sizeof block) must(write(file, block, sizeof block) == sizeof block, "write");
  // Read only from here on: a file that somebody may write to is measured anew at every open (IMA).
  close(file);
  file = open(path, O_RDONLY);
  must(file >= 0, path);
}

/** BENCH_LANDLOCK: a domain that handles every right to files and allows all of them below /, so that each access is looked up and none is refused. */
static void restricted(void) {
  if (getenv("BENCH_LANDLOCK") == NULL) return;
  struct { unsigned long long fs, net, scoped; } rights = { 0xffff, 3, 3 };
  int rules = syscall(444, &rights, sizeof rights, 0);
  must(rules >= 0, "landlock_create_ruleset");
  struct { unsigned long long allowed; int fd; } __attribute__((packed)) below = { 0xffff, open("/", O_PATH | O_CLOEXEC) };
  must(!syscall(445, rules, 1, &below, 0), "landlock_add_rule");
  must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !syscall(446, rules, 0), "landlock_restrict_self");
  close(below.fd);
  close(rules);
}

int main(int argc, char **argv) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  prepare();
  restricted();
  int status = 1;
  for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++) {
    if (strcmp(all[i].name, argv[1])) continue;
    if (argc > 2) { // as often as it says, for who measures from outside
      all[i].run(atol(argv[2]));
      status = 0;
      continue;
    }
    long n = all[i].atleast;
    double best = 1e30;
    all[i].run(n);
    // Long enough three times: once may have been a disturbance, and then a batch would be too short to be measured.
    double t = 0;
    for (int k = 0; k < 3; k++) while ((t = timed(all[i].run, n)) < BATCH_NS) n *= 2;
    for (int b = 0; b < BATCHES; b++) {
      t = timed(all[i].run, n) / n;
      if (t < best) best = t;
    }
    printf("%s %.1f\n", argv[1], best);
    status = 0;
  }
  unlink(path);
  return status;
}
