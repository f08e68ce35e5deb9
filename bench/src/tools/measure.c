// measure OUT SECONDS PROGRAM [ARGS…]: runs a program to its end and writes `status wall-ns user-us system-us peak-rss-kb` to OUT: times of the program
// and of everything it has waited for (wait4(2)). After SECONDS its process group is killed. status: 0-255, 256+signal, 999 out of time.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static volatile sig_atomic_t late;
static void end(int sig) { late = sig == SIGALRM; kill(-child, SIGKILL); }

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  struct timespec from, to;
  struct rusage used;
  int status;
  clock_gettime(CLOCK_MONOTONIC, &from);
  if ((child = fork()) < 0) return 2;
  if (child == 0) {
    setpgid(0, 0);
    execvp(argv[3], argv + 3);
    _exit(127);
  }
  setpgid(child, child);
  int stops[] = {SIGALRM, SIGTERM, SIGINT, SIGHUP};
  for (int i = 0; i < 4; i++) signal(stops[i], end);
  alarm(atoi(argv[2]));
  while (wait4(child, &status, 0, &used) < 0) {}
  clock_gettime(CLOCK_MONOTONIC, &to);
  kill(-child, SIGKILL);    // what it has left behind
  FILE *out = fopen(argv[1], "w");
  if (!out) return 2;
  fprintf(out, "%d %.0f %.0f %.0f %ld\n", late ? 999 : WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status),
    (to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec), used.ru_utime.tv_sec * 1e6 + used.ru_utime.tv_usec,
    used.ru_stime.tv_sec * 1e6 + used.ru_stime.tv_usec, used.ru_maxrss);
  return fclose(out) ? 2 : 0;
}
