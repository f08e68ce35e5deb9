// execve(2): one string may have up to 128 KiB (MAX_ARG_STRLEN), and the sum is limited by the stack's quarter; else E2BIG.
#include "t.h"
int main(int argc, char **argv) {
  if (argc > 1) {
    long n = 0;
    for (int i = 0; i < argc; i++) n += strlen(argv[i]) + 1;
    printf("argc %d bytes %ld\n", argc, n);
    return 0;
  }
  char *big = malloc(140 * KB);
  memset(big, 'a', 140 * KB);
  big[128 * KB - 1] = 0;
  char *a[] = { "p", big, NULL };
  long pid = fork();
  if (pid == 0) exit(-execve("/proc/self/exe", a, NULL));
  reap("128 KiB string", pid);
  big[128 * KB - 1] = 'a';
  big[128 * KB] = 0;
  E("one more", execve("/proc/self/exe", a, NULL));
  big[100 * KB] = 0;
  static char *many[101];
  for (int i = 0; i < 100; i++) many[i] = big;
  many[15] = NULL;
  pid = fork();
  if (pid == 0) exit(-execve("/proc/self/exe", many, NULL));
  reap("1.5 MB", pid);
  many[15] = big;
  E("10 MB", execve("/proc/self/exe", many, NULL));
}
