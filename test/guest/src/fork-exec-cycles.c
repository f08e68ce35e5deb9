// fork(2), execve(2), wait4(2): a thousand times (or as often as the argument says) a child that touches its memory, executes, and exits.
#include "mm.h"
int main(int argc, char **argv) {
  if (argc > 2) {
    char *p = mmap(0, 16 * PAGE, RW, ANON, -1, 0);
    TOUCH(p + 5 * PAGE);
    return atol(argv[2]) & 127;
  }
  long n = argc > 1 ? atol(argv[1]) : 1000, wrong = 0;
  char *mine = mmap(0, 64 * PAGE, RW, ANON, -1, 0), *shared = mmap(0, 4 * PAGE, RW, SHANON, -1, 0);
  memset(mine, 1, 64 * PAGE);
  for (long i = 0; i < n; i++) {
    long pid = fork();
    if (pid == 0) {
      mine[(i & 63) * PAGE] = 2;
      shared[0]++;
      char number[16];
      snprintf(number, 16, "%ld", i);
      char *args[] = { argv[0], "child", number, NULL }, *env[] = { NULL };
      execve("/proc/self/exe", args, env);
      exit(255);
    }
    int st = -1;
    if (waitpid(pid, &st, 0) != pid || st != (i & 127) << 8) wrong++;
    if (mine[(i & 63) * PAGE] != 1 || (u8)shared[0] != (u8)(i + 1)) wrong++;
  }
  printf("wrong %ld\n", wrong);
}
