// fork(2): private pages are copied on write in both directions, shared anonymous pages are not; grandchildren too.
#include "t.h"
int main(void) {
  char *priv = mmap(0, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  memset(priv, 1, 64 * PAGE);
  long pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 32; i++) priv[i * PAGE] = 2;
    if (fork() == 0) {
      for (int i = 16; i < 48; i++) priv[i * PAGE] = 3;
      shared[0] = 33;
      exit(0);
    }
    waitpid(-1, 0, 0);
    int n[4] = { 0 };
    for (int i = 0; i < 64; i++) n[(int)priv[i * PAGE]]++;
    printf("child ones %d twos %d threes %d\n", n[1], n[2], n[3]);
    shared[1] = 22;
    exit(0);
  }
  for (int i = 60; i < 64; i++) priv[i * PAGE] = 3;
  reap("child", pid);
  int n[4] = { 0 };
  for (int i = 0; i < 64; i++) n[(int)priv[i * PAGE]]++;
  printf("parent ones %d twos %d threes %d shared %d %d\n", n[1], n[2], n[3], shared[0], shared[1]);
}
