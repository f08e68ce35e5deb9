// The world every guest test gets, on Linux and under kspace alike: `world [EMULATOR] PROGRAM` mounts an empty tmpfs on /tmp, copies the program
// to /tmp/prog, and runs it there: in /tmp/w, as a session leader without a terminal, standard input /dev/null, umask 022, three variables.
// Ends as the program does, with 128+N for signal N.
#include "t.h"
#ifndef __NR_close_range
#define __NR_close_range 436
#endif

int main(int argc, char **argv) {
  static char buffer[65536];
  int in = must(open(argv[argc - 1], O_RDONLY));
  must(SC(mount, "none", "/tmp", "tmpfs", 0, "mode=1777"));
  int out = must(open("/tmp/prog", O_WRONLY | O_CREAT, 0755));
  long n;
  while ((n = must(read(in, buffer, sizeof buffer))) > 0) must(write(out, buffer, n));
  close(in);
  close(out);
  umask(0);
  must(mkdir("/tmp/w", 01777));
  umask(022);
  must(chdir("/tmp/w"));
  must(SC(sethostname, "kspace", 6));
  argv[argc - 1] = "/tmp/prog";
  long pid = must(fork());
  if (pid == 0) {
    must(setsid());
    close(0);
    must(open("/dev/null", O_RDONLY));
    must(dup3(1, 2, 0));
    SC(close_range, 3, ~0u, 0);
    char *env[] = { "PATH=/bin", "HOME=/root", "TERM=dumb", NULL };
    must(execve(argv[1], argv + 1, env));
  }
  int status;
  must(waitpid(pid, &status, 0));
  chdir("/");
  SC(umount2, "/tmp", 2); // what the test left there goes
  return (status & 0x7f) ? 128 + (status & 0x7f) : status >> 8;
}
