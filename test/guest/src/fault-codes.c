// sigaction(2): si_code and si_addr of every way to touch memory wrongly.
#include "mm.h"
int main(void) {
  char *a = place(1200);
  char *p = mmap(a + 100 * PAGE, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
  FAULT("nothing there", p, LOOK(p - PAGE));
  FAULT("exact address", p, LOOK(p - PAGE + 77));
  FAULT("write to nothing", p, TOUCH(p + 4 * PAGE + 5));
  mprotect(p, PAGE, PROT_READ);
  FAULT("write to read only", p, TOUCH(p + 9));
  LOOK(p);
  FAULT("after a read", p, TOUCH(p + 9));
  mprotect(p, PAGE, PROT_NONE);
  FAULT("read of none", p, LOOK(p + 3));
  FAULT("execute data", p, ((void (*)(void))(p + PAGE))());
  FAULT("execute nothing", p, ((void (*)(void))(p - 2 * PAGE))());
  FAULT("null", NULL, LOOK((char *)8));
  FAULT("last page", NULL, LOOK((char *)0x3ffffff000));
  u64 *cross = (u64 *)(p + 4 * PAGE - 4);
  FAULT("across the end", p, ({ u64 v; memcpy(&v, cross, 8); __asm__ volatile("" :: "r"(v)); }));
  put("f", "abc");
  int fd = open("f", O_RDWR);
  char *s = mmap(0, 3 * PAGE, RW, MAP_SHARED, fd, 0), *v = mmap(0, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);
  FAULT("end of the last page", s, LOOK(s + PAGE - 1));
  FAULT("beyond the file", s, LOOK(s + PAGE + 5));
  FAULT("write beyond", s, TOUCH(s + 2 * PAGE));
  FAULT("private beyond", v, TOUCH(v + PAGE + 1));
  ftruncate(fd, 2 * PAGE);
  FAULT("grown", s, LOOK(s + PAGE));
  TOUCH(v + PAGE);
  ftruncate(fd, PAGE);
  FAULT("cut off", s, LOOK(s + PAGE));
  FAULT("private copy cut off", v, LOOK(v + PAGE));
  E("read() into cut off", read(open("f", O_RDONLY), s + PAGE, 1));
  E("write() from nothing", write(open("g", O_RDWR | O_CREAT, 0600), p - PAGE, 1));
  char *e = mmap(0, PAGE, PROT_EXEC, ANON, -1, 0);
  FAULT("write to exec", e, TOUCH(e));
  char *g = mmap(a + 1000 * PAGE, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
  mmap(a + 600 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
  FAULT("grows", g, TOUCH(g - 3 * PAGE));
  where("grown", g, g);
  mmap(a + 800 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
  FAULT("guard gap", g, TOUCH(a + 802 * PAGE));
  mmap(g - 10 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
  FAULT("PROT_NONE below is no guard", g, TOUCH(g - 9 * PAGE));
  char *h = mmap(g - 200 * PAGE, PAGE, RW, ANON, -1, 0);
  printf("hint in the gap is taken %d\n", h == g - 200 * PAGE);
}
