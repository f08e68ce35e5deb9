// A random sequence of mmap, munmap, mprotect, mremap and fork over a small range agrees with a model of what each page holds.
#include "t.h"
enum { N = 64 };
static u64 s = 12345;
static u32 rnd(u32 n) {
  s = s * 6364136223846793005ul + 1442695040888963407ul;
  return (s >> 33) % n;
}
static char *base;
static int prot[N], value[N]; // prot -1: unmapped
static int check(const char *who) {
  for (int i = 0; i < N; i++) {
    volatile int *w = (volatile int *)(base + i * PAGE);
    fault_arm();
    int seen = 0, faulted = 0;
    if (setjmp(fault_env) == 0)
      seen = *w;
    else
      faulted = 1;
    int readable = prot[i] > 0;
    if (faulted == readable || (readable && seen != value[i])) {
      printf("%s: page %d prot %d value %d seen %d fault %d\n", who, i, prot[i], value[i], seen, faulted);
      return 0;
    }
  }
  return 1;
}
int main(void) {
  base = mmap(0, N * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int good = 0, forks = 0;
  for (int step = 0; step < 600; step++) {
    int a = rnd(N), n = 1 + rnd(8);
    if (a + n > N) n = N - a;
    char *p = base + a * PAGE;
    switch (rnd(6)) {
    case 0:
      munmap(p, n * PAGE);
      for (int i = a; i < a + n; i++) prot[i] = -1;
      break;
    case 1:
      mmap(p, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
      for (int i = a; i < a + n; i++) {
        prot[i] = 3;
        value[i] = 0;
      }
      break;
    case 2: {
      int to = rnd(3) == 0 ? 0 : rnd(2) ? 1 : 3, ok = 1;
      for (int i = a; i < a + n; i++) ok &= prot[i] >= 0;
      if (!ok) break;
      mprotect(p, n * PAGE, to);
      for (int i = a; i < a + n; i++) prot[i] = to;
      break;
    }
    case 3:
      for (int i = a; i < a + n; i++)
        if (prot[i] == 3) *(int *)(base + i * PAGE) = value[i] = step + i;
      break;
    case 4: {
      int b = rnd(N - 1);
      if (prot[a] < 0 || b == a) break;
      mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, base + b * PAGE);
      prot[b] = prot[a];
      value[b] = value[a];
      prot[a] = -1;
      break;
    }
    case 5:
      if (rnd(8)) break;
      forks++;
      {
        long pid = fork();
        if (pid == 0) {
          for (int i = 0; i < N; i++)
            if (prot[i] == 3) *(int *)(base + i * PAGE) = value[i] = -i;
          exit(check("child") ? 0 : 1);
        }
        int st;
        waitpid(pid, &st, 0);
        good += st == 0;
      }
      break;
    }
    if (step % 20 == 0 && !check("parent")) return 1;
  }
  printf("children agreed %d, parent agrees %d\n", good == forks, check("end"));
}
