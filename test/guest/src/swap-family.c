// More memory than a small machine has, held by a family of processes: what each of them wrote privately, what they share, and what lies in a file stay
// apart and right, whatever had to be moved out of memory meanwhile. (fork(2), mmap(2), memfd_create(2), madvise(2))
#include "t.h"
enum { PAGES = 24 << 8, SHARED = 4 << 8, KIDS = 3 };
static u64 seed(int who, int page) { return (who + 1) * 1000003ul + page * 2654435761ul; }
static int bad(const char *what, u64 *m, int pages, int who, int from) {
  for (int i = from; i < pages; i++)
    if (m[i * 512 + i % 512] != seed(who, i)) {
      printf("%s: page %d\n", what, i);
      return 1;
    }
  return 0;
}
static void fill(u64 *m, int from, int pages, int who) {
  for (int i = from; i < pages; i++) m[i * 512 + i % 512] = seed(who, i);
}
static u64 *priv, *anon, *file;
static int child(void *a) {
  int who = (int)(long)a;
  if (bad("inherited", priv, PAGES, 0, 0)) return 1;
  fill(priv, PAGES / 2, PAGES, who);
  int part = SHARED / KIDS * (who - 1);
  fill(anon, part, part + SHARED / KIDS, who);
  fill(file, part, part + SHARED / KIDS, who);
  char *moved = mremap(priv, PAGES * PAGE, (PAGES + 100) * PAGE, MREMAP_MAYMOVE);
  priv = (u64 *)moved;
  mprotect(priv, PAGES * PAGE, PROT_READ);
  if (bad("kept", priv, PAGES / 2, 0, 0) || bad("own", priv, PAGES, who, PAGES / 2)) return 2;
  for (int i = 0; i < 100; i++)
    if (priv[(PAGES + i) * 512] != 0) return 3;
  return 0;
}
int main(void) {
  priv = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  anon = mmap(0, SHARED * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int fd = SC(memfd_create, "family", 0);
  ftruncate(fd, SHARED * PAGE);
  file = mmap(0, SHARED * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  fill(priv, 0, PAGES, 0);
  long pids[KIDS];
  for (int i = 0; i < KIDS; i++) pids[i] = spawn(child, (void *)(long)(i + 1));
  for (int i = 0; i < KIDS; i++) reap("child", pids[i]);
  printf("private %d\n", bad("private", priv, PAGES, 0, 0));
  int wrong = 0;
  for (int who = 1; who <= KIDS; who++) {
    int part = SHARED / KIDS * (who - 1), end = part + SHARED / KIDS;
    wrong |= bad("anonymous", anon, end, who, part);
    for (int i = part; i < end; i++) {
      u64 w = 0;
      pread(fd, &w, 8, i * PAGE + i % 512 * 8);
      wrong |= w != seed(who, i);
    }
  }
  printf("shared %d\n", wrong);
  madvise(priv, PAGES / 2 * PAGE, MADV_DONTNEED);
  int zero = 1;
  for (int i = 0; i < PAGES / 2; i++) zero &= priv[i * 512 + i % 512] == 0;
  printf("given up %d, the rest %d\n", zero, bad("rest", priv, PAGES, 0, PAGES / 2));
}
