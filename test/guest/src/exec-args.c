// execve(2): argv and envp arrive as given, empty strings included; argv[argc] is NULL; a NULL argv becomes one empty string.
#include "t.h"
int main(int argc, char **argv, char **envp) {
  if (argc > 1 || envp[0] == NULL) {
    printf("argc %d null %d\n", argc, argv[argc] == NULL);
    for (int i = 0; i < argc; i++) printf("argv[%d]=[%s]\n", i, argv[i]);
    for (int i = 0; envp[i]; i++) printf("env[%d]=[%s]\n", i, envp[i]);
    return 0;
  }
  char *a[] = { "zero", "", "two words", "three\n", NULL }, *e[] = { "A=1", "", "B=x=y", NULL };
  long pid = fork();
  if (pid == 0) exit(-execve("/proc/self/exe", a, e));
  reap("full", pid);
  pid = fork();
  if (pid == 0) exit(-execve("/proc/self/exe", NULL, NULL));
  reap("null argv", pid);
}
