// Limits that count for a user over all its processes (setrlimit(2), inotify(7), pipe(7)): what one process holds is missing to another one of the same user, and
// nobody else; whose it is does not change with the ids of the holder, and it is given back when the holder ends.
#include "net.h"
#include <linux/ipc.h>
#include <linux/resource.h>
#define MINE 42420
#define OTHER 42421
#define SIGRT 40
#define F_SETPIPE 1031
#define F_GETPIPE 1032
#define SHM_LOCK 11
#define SHM_UNLOCK 12

static void limit(int what, u64 n) {
  u64 l[2] = { n, n };
  must(SC(prlimit64, 0, what, l, 0));
}
static void become(int uid) {
  must(SC(setresgid, uid, uid, uid));
  must(SC(setresuid, uid, uid, uid));
}

static struct gate ready, done;
static int (*trying)(void *);
static int holder(void *hold) {
  become(MINE);
  ((void (*)(void))hold)();
  gate_open(&ready);
  gate_wait(&done);
  return 0;
}
static int probe(void *uid) {
  become((long)uid);
  return trying(0);
}
/** What others of the user can do while one holds all there is, another user, and the user when the holder is gone. */
static void round(const char *what, void (*hold)(void), int (*try)(void *)) {
  printf("%s\n", what);
  trying = try;
  ready = gate();
  done = gate();
  long pid = spawn(holder, hold);
  gate_wait(&ready);
  reap(" the same user", spawn(probe, (void *)MINE));
  reap(" another user", spawn(probe, (void *)OTHER));
  gate_open(&done);
  reap(" holder", pid);
  reap(" afterwards", spawn(probe, (void *)MINE));
}

// --- RLIMIT_SIGPENDING: signals that are queued and timers, the blocked ones of a child included.
static long queue(long pid, int sig) {
  struct { int signo, error, code, pad; int rest[28]; } info = { sig, 0, -1, 0, { 0 } };
  return SC(rt_sigqueueinfo, pid, sig, &info);
}
static void hold_signals(void) {
  limit(RLIMIT_SIGPENDING, 4);
  sigmask(SIG_BLOCK, bit(SIGRT) | bit(SIGUSR1) | bit(SIGUSR2));
  E(" a timer", SC(timer_create, CLOCK_MONOTONIC, 0, &(int){ 0 }));
  E(" an ordinary signal", queue(getpid(), SIGUSR1));
  E(" the same again", queue(getpid(), SIGUSR1));
  E(" a real-time one", queue(getpid(), SIGRT));
  E(" the same again", queue(getpid(), SIGRT));
  E(" one too many", queue(getpid(), SIGRT));
  E(" kill", kill(getpid(), SIGRT));
  E(" ordinary, without room", queue(getpid(), SIGUSR2));
}
static int try_signals(void *none) {
  (void)none;
  limit(RLIMIT_SIGPENDING, 4);
  sigmask(SIG_BLOCK, bit(SIGRT) | bit(SIGUSR1));
  long r = queue(getpid(), SIGRT), timer = SC(timer_create, CLOCK_MONOTONIC, 0, &(int){ 0 });
  E("  real-time", r);
  E("  timer", timer);
  E("  kill", kill(getpid(), SIGUSR1));
  return 0;
}

// --- RLIMIT_MSGQUEUE, also for queues that have no name any more.
static long message_queue(const char *name) {
  struct { long flags, max, size, cur, r[4]; } a = { 0, 10, 1024, 0, { 0 } };
  long r = SC(mq_open, name, O_CREAT | O_RDWR, 0600, &a);
  if (r >= 0) SC(mq_unlink, name);
  return r;
}
static void hold_queues(void) {
  limit(RLIMIT_MSGQUEUE, 30000);
  E(" one", message_queue("one"));
  E(" two", message_queue("two"));
  E(" three", message_queue("three"));
}
static int try_queues(void *none) {
  (void)none;
  limit(RLIMIT_MSGQUEUE, 30000);
  E("  queue", message_queue("other"));
  return 0;
}

// --- RLIMIT_MEMLOCK: segments by user, mlock by process.
static int segment(int pages) { return must(SC(shmget, IPC_PRIVATE, 4096 * pages, 0600)); }
static int held;
static void hold_locked(void) {
  limit(RLIMIT_MEMLOCK, 8 * 4096);
  held = segment(6);
  int more = segment(3);
  E(" six pages", SC(shmctl, held, SHM_LOCK, 0));
  E(" again", SC(shmctl, held, SHM_LOCK, 0));
  E(" three more", SC(shmctl, more, SHM_LOCK, 0));
  E(" unlock", SC(shmctl, held, SHM_UNLOCK, 0));
  E(" three", SC(shmctl, more, SHM_LOCK, 0));
  E(" six", SC(shmctl, held, SHM_LOCK, 0));
  SC(shmctl, more, IPC_RMID, 0);
  E(" six, the others are gone", SC(shmctl, held, SHM_LOCK, 0));
  must(SC(shmat, held, 0, 0));
  SC(shmctl, held, IPC_RMID, 0);
}
static int try_locked(void *none) {
  (void)none;
  limit(RLIMIT_MEMLOCK, 8 * 4096);
  int id = segment(4);
  E("  four pages", SC(shmctl, id, SHM_LOCK, 0));
  SC(shmctl, id, IPC_RMID, 0);
  E("  mlock", SC(mlock, must(SC(mmap, 0, 4 * 4096, 3, 0x22, -1, 0)), 4 * 4096));
  return 0;
}

// --- RLIMIT_NPROC
static int rest(void *none) { (void)none; return SC(ppoll, 0, 0, 0, 0), 0; }
static void hold_tasks(void) {
  limit(RLIMIT_NPROC, 4);
  SC(prctl, 1, SIGKILL, 0, 0, 0);
  for (int i = 0; i < 3; i++) if (must(fork()) == 0) { SC(prctl, 1, SIGKILL, 0, 0, 0); rest(0); }
  E(" one too many", fork());
}
static int try_tasks(void *none) {
  (void)none;
  limit(RLIMIT_NPROC, 4);
  for (int i = 0; i < 50; i++) { // those of the holder need a moment to end
    long pid = fork();
    if (pid == 0) exit(0);
    if (pid > 0) { waitpid(pid, 0, 0); E("  fork", 0); return 0; }
    msleep(2);
  }
  E("  fork", -EAGAIN);
  return 0;
}

// --- inotify
static void hold_instances(void) {
  long r;
  while ((r = SC(inotify_init1, 0)) >= 0);
  E(" instances", r);
}
static int try_instances(void *none) { (void)none; E("  instance", SC(inotify_init1, 0)); return 0; }

// --- pipe-user-pages-soft
static void hold_pipes(void) {
  int p[2], r = 0;
  for (int i = 0; i < 63; i++) {
    must(SC(pipe2, p, 0));
    if ((r = SC(fcntl, p[1], F_SETPIPE, 1 << 20)) < 0) break;
  }
  V(" a megabyte each", r);
  must(SC(pipe2, p, 0));
  V(" one more", SC(fcntl, p[0], F_GETPIPE));
  E(" larger", SC(fcntl, p[0], F_SETPIPE, 1 << 20));
  V(" fill up", SC(fcntl, p[0], F_SETPIPE, 1 << 19));
}
static int try_pipes(void *none) {
  (void)none;
  int p[2];
  for (int i = 0; i < 9; i++) must(SC(pipe2, p, 0));
  V("  size of a new one", SC(fcntl, p[0], F_GETPIPE));
  E("  larger", SC(fcntl, p[0], F_SETPIPE, 1 << 17));
  V("  smaller", SC(fcntl, p[0], F_SETPIPE, 4096));
  return 0;
}

/** Queued for one user, then the receiver becomes another one. */
static int moved(void *none) {
  (void)none;
  limit(RLIMIT_SIGPENDING, 1);
  sigmask(SIG_BLOCK, bit(SIGRT));
  must(SC(setresuid, MINE, -1, -1));
  E(" queued", queue(getpid(), SIGRT));
  must(SC(setresuid, OTHER, -1, -1));
  E(" and as another one", queue(getpid(), SIGRT));
  E(" full", queue(getpid(), SIGRT));
  must(SC(setresuid, MINE, -1, -1));
  E(" still full", queue(getpid(), SIGRT));
  mask_t m = bit(SIGRT);
  E(" taken", SC(rt_sigtimedwait, &m, 0, 0, 8) == SIGRT ? 0 : -1);
  E(" room again", queue(getpid(), SIGRT));
  return 0;
}

int main(void) {
  round("signals", hold_signals, try_signals);
  round("message queues", hold_queues, try_queues);
  round("locked segments", hold_locked, try_locked);
  round("tasks", hold_tasks, try_tasks);
  round("inotify", hold_instances, try_instances);
  round("pipes", hold_pipes, try_pipes);
  printf("ids that change\n");
  reap("moved", spawn(moved, 0));
  return 0;
}
