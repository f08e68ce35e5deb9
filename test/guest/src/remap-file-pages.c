// remap_file_pages(2): as Linux has it since 4.0, by new mappings; errors.
#include "mm.h"
int main(void) {
  put("f", "x");
  int fd = open("f", O_RDWR);
  ftruncate(fd, 4 * PAGE);
  for (int i = 0; i < 4; i++) pwrite(fd, "abcd" + i, 1, i * PAGE);
  char *p = mmap(0, 4 * PAGE, RW, MAP_SHARED, fd, 0);
  E("reverse 0", SC(remap_file_pages, p, PAGE, 0, 3, 0));
  E("reverse 3", SC(remap_file_pages, p + 3 * PAGE, PAGE, 0, 0, 0));
  printf("%c%c%c%c\n", p[0], p[PAGE], p[2 * PAGE], p[3 * PAGE]);
  p[0] = 'D';
  char b[2] = "";
  pread(fd, b, 1, 3 * PAGE);
  printf("%s\n", b);
  E("prot must be 0", SC(remap_file_pages, p, PAGE, PROT_READ, 0, 0));
  E("size 0", SC(remap_file_pages, p, 0, 0, 0, 0));
  E("unmapped", SC(remap_file_pages, 4096 * 100, PAGE, 0, 0, 0));
  E("too long", SC(remap_file_pages, p, 8 * PAGE, 0, 0, 0));
  char *v = mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0), *a = mmap(0, PAGE, RW, ANON, -1, 0);
  E("private", SC(remap_file_pages, v, PAGE, 0, 1, 0));
  E("anonymous", SC(remap_file_pages, a, PAGE, 0, 1, 0));
  mprotect(p + PAGE, PAGE, PROT_READ);
  E("keeps the protection", SC(remap_file_pages, p + PAGE, PAGE, 0, 2, 0));
  where("it", p, p + PAGE);
  printf("%c\n", p[PAGE]);
}
