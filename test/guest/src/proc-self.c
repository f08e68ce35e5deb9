// proc(5): /proc/self and its fd, exe, cwd, root, cmdline, comm, environ, stat, status, statm, limits entries.
#include "t.h"
int main(int argc, char **argv) {
  char b[4096], p[64];
  b[readlink("/proc/self", b, 63)] = 0;
  printf("self is my pid %d\n", atol(b) == getpid());
  b[readlink("/proc/thread-self", b, 63)] = 0;
  snprintf(p, 64, "%ld/task/%ld", getpid(), gettid());
  printf("thread-self %d\n", strcmp(b, p) == 0);
  chdir("/");
  b[readlink("/proc/self/cwd", b, 63)] = 0;
  printf("cwd %s\n", b);
  b[readlink("/proc/self/root", b, 63)] = 0;
  printf("root %s\n", b);
  b[readlink("/proc/self/exe", b, 255)] = 0;
  printf("exe is argv[0] %d\n", strcmp(b, argv[0]) == 0);
  long n = slurp("/proc/self/cmdline", b, 4096);
  printf("cmdline %d\n", strcmp(b, argv[0]) == 0 && n == (long)strlen(b) + 1);
  n = slurp("/proc/self/environ", b, 4096);
  printf("environ %d\n", n > 0 && strcmp(b, environ[0]) == 0);
  printf("PPid %d Uid %s Gid %s Threads %s\n", atol(field("/proc/self/status", "PPid")) == getppid(), field("/proc/self/status", "\nUid"),
         field("/proc/self/status", "\nGid"), field("/proc/self/status", "Threads"));
  printf("State %s\n", field("/proc/self/status", "State"));
  printf("VmRSS in kB %d\n", strstr(field("/proc/self/status", "VmRSS"), " kB") != NULL);
  sigmask(SIG_BLOCK, bit(SIGUSR1));
  sigact(SIGUSR2, SIG_IGN, 0, 0);
  printf("SigBlk %s SigIgn %s\n", field("/proc/self/status", "SigBlk"), field("/proc/self/status", "SigIgn"));
  slurp("/proc/self/stat", b, 4096);
  char *s = strchr(b, ')');
  int fields = 2;
  for (char *c = s + 1; *c; c++) fields += *c == ' ';
  printf("stat starts with pid %d state %c fields %d\n", atol(b) == getpid(), s[2], fields);
  slurp("/proc/self/statm", b, 4096);
  fields = 1;
  for (char *c = b; *c; c++) fields += *c == ' ';
  printf("statm fields %d\n", fields);
  slurp("/proc/self/limits", b, 4096);
  printf("limits %d\n", strstr(b, "Max open files") != NULL);
  E("write to stat", open("/proc/self/stat", O_WRONLY));
  E("missing", open("/proc/self/nonsense", O_RDONLY));
  E("no such pid", open("/proc/99999/stat", O_RDONLY));
  E("create", open("/proc/new", O_WRONLY | O_CREAT, 0644));
  E("mkdir", mkdir("/proc/new", 0755));
  E("unlink", unlink("/proc/self/stat"));
  put("/proc/self/comm", "renamed");
  slurp("/proc/self/comm", b, 64);
  printf("comm %s", b);
}
