// Attacks on set-user-ID programs (SECURITY.md, "Users against each other"): what their caller keeps, shares or prepares must not give it their rights.
#include "t.h"
#include <linux/auxvec.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
static char *args[] = { "./prog", "ids", NULL };
static void user(void) {
  must(SC(setgroups, 0, NULL));
  must(SC(setresgid, 7, 7, 7));
  must(SC(setresuid, 7, 7, 7));
}
static int plain(void *a) { user(); return execve("./prog", args, environ); }
static int nnp(void *a) { user(); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); return execve("./prog", args, environ); }
static int traced(void *a) { user(); SC(ptrace, PTRACE_TRACEME, 0, 0, 0); return execve("./prog", args, environ); }
static int by_link(void *a) { user(); return execve("./link", args, environ); }
static int by_copy(void *a) { user(); return execve("./copy", args, environ); }
static int on_nosuid(void *a) { user(); return execve("./nosuid/prog", args, environ); }
static int script(void *a) { user(); return execve("./script", args, environ); }
static int no_args(void *a) { user(); char *none[] = { NULL }; return execve("./prog", none, environ); }
static int descriptor(void *a) {
  int f = open("prog", O_PATH);
  user();
  return SC(execveat, f, "", args, environ, AT_EMPTY_PATH);
}
static char stack[16 * PAGE] __attribute__((aligned(16)));
/** Goes when its parent does. */
static void sleep_on(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (getppid() > 1) msleep(1000);
  exit(0);
}
static int partner(void *a) { sleep_on(); return 0; }
/** Somebody shares its directories: what one changes the other would see with more rights. */
static int shared_fs(void *a) {
  user();
  long other = clone_fn(CLONE_FS | SIGCHLD, stack + sizeof stack, 0, 0, 0, partner, 0);
  return execve("./prog", args, environ);
}
static int limits(void *a) {
  user();
  struct { u64 s, h; } none = { 0, 0 };
  prlimit(0, RLIMIT_FSIZE, &none, NULL);
  char *v[] = { "./prog", "limits", NULL };
  return execve("./prog", v, environ);
}
static int signals(void *a) {
  user();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 1);
  char *v[] = { "./prog", "traces", NULL };
  return execve("./prog", v, environ);
}
static int look(void *a) {
  user();
  long c = fork();
  if (c == 0) { char *v[] = { "./prog", "sleep", NULL }; execve("./prog", v, environ); exit(1); }
  char b[64];
  snprintf(b, 64, "/proc/%ld/mem", c);
  int early = open(b, O_RDWR);
  await_state(c, 'S');
  msleep(50);
  E("its memory, opened before", early < 0 ? early : pwrite(early, "x", 1, 0x10000) == 1 ? 0 : -14);
  E("its memory", open(b, O_RDWR));
  snprintf(b, 64, "/proc/%ld/environ", c);
  E("its environment", open(b, O_RDONLY) < 0 ? -13 : 0);
  snprintf(b, 64, "/proc/%ld/fd", c);
  E("its descriptors", open(b, O_RDONLY | O_DIRECTORY));
  E("attach", SC(ptrace, PTRACE_ATTACH, c, 0, 0));
  E("signal", kill(c, SIGUSR1));
  E("priority", SC(setpriority, 0, c, 10));
  kill(c, SIGKILL);
  return 0;
}
static int change(void *a) {
  user();
  E("write to it", open("prog", O_WRONLY));
  E("its mode", chmod("prog", 0777));
  E("a link of my own to it", link("prog", "mine"));
  return 0;
}
int main(int argc, char **argv) {
  if (argc == 0 || (argc == 1 && argv[0][0] == 0)) {
    printf("run with %d arguments, argv[0] \"%s\"\n", argc, argc ? argv[0] : "none");
    return 0;
  }
  if (argc > 1 && strcmp(argv[1], "sleep") == 0) sleep_on();
  if (argc > 1 && strcmp(argv[1], "limits") == 0) {
    struct { u64 s, h; } l;
    prlimit(0, RLIMIT_FSIZE, NULL, &l);
    printf("limit of file size %lu\n", l.s);
    return 0;
  }
  if (argc > 1 && strcmp(argv[1], "traces") == 0) {
    int sig = 0;
    prctl(PR_GET_PDEATHSIG, &sig);
    printf("parent death signal %d dumpable %d\n", sig, prctl(PR_GET_DUMPABLE) == 1);
    return 0;
  }
  if (argc > 1) {
    u32 r, e, s;
    SC(getresuid, &r, &e, &s);
    printf("  ids %d %d %d secure %ld\n", r, e, s, getauxval(AT_SECURE));
    return 0;
  }
  static char b[100000];
  long n = slurp("/proc/self/exe", b, sizeof b);
  chmod(".", 0777);
  mkdir("nosuid", 0755);
  must(SC(mount, "none", "nosuid", "tmpfs", 2, 0));
  const char *names[] = { "prog", "copy", "nosuid/prog", "script", "interpreter" };
  for (int i = 0; i < 5; i++) {
    int f = open(names[i], O_WRONLY | O_CREAT, 0755);
    if (i == 3) write(f, "#!./interpreter\n", 16);
    else write(f, b, n);
    close(f);
    chown(names[i], i == 1 ? 7 : 0, 0);
    if (i != 1 && i != 4) chmod(names[i], 04755);
  }
  chmod("copy", 04755);
  symlink("prog", "link");
  reap("as it is meant", spawn(plain, 0));
  reap("no_new_privs", spawn(nnp, 0));
  reap("by a link", spawn(by_link, 0));
  reap("my own set-user-ID copy", spawn(by_copy, 0));
  reap("on a nosuid mount", spawn(on_nosuid, 0));
  reap("a set-user-ID script", spawn(script, 0));
  reap("by a descriptor", spawn(descriptor, 0));
  reap("with directories that somebody shares", spawn(shared_fs, 0));
  reap("without arguments", spawn(no_args, 0));
  reap("limits of the caller hold", spawn(limits, 0));
  reap("settings of the caller do not", spawn(signals, 0));
  long c = spawn(traced, 0);
  int st;
  waitpid(c, &st, 0);
  SC(ptrace, PTRACE_CONT, c, 0, 0);
  reap("traced by root", c);
  reap("looking at it", spawn(look, 0));
  reap("changing it", spawn(change, 0));
  SC(umount2, "nosuid", 2);
}
