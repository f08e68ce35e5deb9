// embed: interp-loader interp-program
// execve(2): PT_INTERP names a second ELF that is mapped and started instead; a missing one is ENOENT; a broken one ELIBBAD.
#include "t.h"
__asm__(".section .rodata\n.globl loader, loader_end, program, program_end\nloader: .incbin \"interp-loader.elf\"\nloader_end:\nprogram: "
        ".incbin \"interp-program.elf\"\nprogram_end:\n.text\n");
extern const char loader[], loader_end[], program[], program_end[];
static void drop(const char *p, const char *a, const char *e) {
  int fd = open(p, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  must(write(fd, a, e - a));
  close(fd);
}
int main(void) {
  char *a[] = { "program", "arg", NULL };
  drop("program", program, program_end);
  E("no loader", execve("program", a, environ));
  put("loader", "not an ELF, and long enough that reading a header from it succeeds: the magic number is what fails");
  chmod("loader", 0755);
  long pid = fork();
  if (pid == 0) {
    long r = execve("program", a, environ);
    E("broken loader", r);
    exit(0);
  }
  reap("broken", pid);
  unlink("loader");
  drop("loader", loader, loader_end);
  if ((pid = fork()) == 0) exit(-execve("program", a, environ));
  reap("program", pid);
}
