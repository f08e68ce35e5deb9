// proc(5): another user's process shows its stat and cmdline, but not its environment, memory, descriptors or links.
#include "t.h"
int main(void) {
  struct gate g = gate();
  long pid = fork();
  if (pid == 0) {
    gate_wait(&g);
    exit(0);
  }
  char p[64];
  const char *names[] = { "stat", "status", "cmdline", "comm", "statm", "environ", "maps", "mem", "limits", "auxv" };
  long user = fork();
  if (user == 0) {
    SC(setgroups, 0, 0);
    SC(setresgid, 1000, 1000, 1000);
    SC(setresuid, 1000, 1000, 1000);
    for (int i = 0; i < 10; i++) {
      snprintf(p, 64, "/proc/%ld/%s", pid, names[i]);
      E(names[i], open(p, O_RDONLY));
    }
    char b[64];
    snprintf(p, 64, "/proc/%ld/exe", pid);
    E("exe", readlink(p, b, 64));
    snprintf(p, 64, "/proc/%ld/cwd", pid);
    E("cwd", readlink(p, b, 64));
    snprintf(p, 64, "/proc/%ld/fd", pid);
    E("fd", open(p, O_RDONLY | O_DIRECTORY));
    E("own environ", open("/proc/self/environ", O_RDONLY));
    exit(0);
  }
  reap("user", user);
  gate_open(&g);
  reap("child", pid);
}
