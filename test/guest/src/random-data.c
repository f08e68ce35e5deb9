// Random reads, writes, seeks, truncations, punched holes, mappings and copies on three files: bytes, results and sizes as on Linux's
// tmpfs. Each seed prints a checksum; `prog SEED` prints the operations, `prog FROM TO` takes other seeds.
#include "t.h"
#include <linux/falloc.h>
enum { FILES = 3, FDS = 6, MAPS = 4, MAX = 10 * PAGE };
static u64 state;
static u32 sum;
static int verbose, fd[FDS], flags[FDS], file[FDS];
static struct {
  u8 *at;
  long pages;
  int shared, fd;
  long off;
} map[MAPS];
static u8 buf[MAX], text[MAX];
static u32 rnd(u32 n) {
  state = state * 6364136223846793005ul + 1442695040888963407ul;
  return (state >> 33) % n;
}
static void note(const char *op, long a, long b, long r) {
  sum = ((sum * 31 + (u32)a) * 31 + (u32)b) * 31 + (u32)r;
  if (verbose) printf("%s %ld %ld = %ld %s\n", op, a, b, r, err(r));
}
static void bytes(const u8 *p, long n) {
  u32 before = sum;
  for (long i = 0; i < n; i++) sum = sum * 33 + p[i];
  if (verbose && n > 0) printf("  bytes %08x\n", sum - before);
}
static long where(void) {
  static const int near[] = { 0, 1, 100, 4095, 4096, 4097, 8192, 12000, 20480 };
  return rnd(2) ? near[rnd(9)] : rnd(6 * PAGE);
}
static long much(void) { return rnd(3) == 0 ? rnd(9000) : rnd(200); }
static void reopen(int i) {
  static const int modes[] = { O_RDWR, O_RDWR, O_RDONLY, O_WRONLY, O_RDWR | O_APPEND, O_RDWR | O_TRUNC };
  char name[4] = "f0";
  close(fd[i]);
  file[i] = rnd(FILES);
  name[1] = '0' + file[i];
  flags[i] = modes[rnd(6)];
  fd[i] = open(name, flags[i] | O_CREAT, 0644);
}
static void drop(int m) {
  if (!map[m].at) return;
  munmap(map[m].at, map[m].pages * PAGE);
  close(map[m].fd);
  map[m].at = NULL;
}
static void mapping(void) {
  int m = rnd(MAPS), i = rnd(FDS);
  drop(m);
  int shared = rnd(2);
  long pages = 1 + rnd(4), off = rnd(3);
  void *p = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, shared ? MAP_SHARED : MAP_PRIVATE, fd[i], off * PAGE);
  long r = (long)p;
  note("mmap", flags[i] * 2 + shared, off, r < 0 && r > -4096 ? r : 0);
  if (r < 0 && r > -4096) return;
  map[m].at = p;
  map[m].pages = pages;
  map[m].shared = shared;
  map[m].fd = dup(fd[i]);
  map[m].off = off * PAGE;
}
static void touch(void) {
  int m = rnd(MAPS), how = rnd(2);
  if (!map[m].at) return;
  long at = rnd(map[m].pages * PAGE), n = rnd(50);
  if (at + n > map[m].pages * PAGE) n = map[m].pages * PAGE - at;
  // What is stored behind the end of the file and seen after it has grown differs between Linux' versions.
  struct stat st;
  fstat(map[m].fd, &st);
  if (how && map[m].shared && map[m].off + at + n > st.st_size) return;
  volatile int done = 0;
  fault_arm();
  if (setjmp(fault_env) == 0) {
    for (volatile long k = 0; k < n; k++) {
      if (how)
        ((volatile u8 *)map[m].at)[at + k] = at + k * 3;
      else
        buf[k] = ((volatile u8 *)map[m].at)[at + k];
      done = done + 1;
    }
    note(how ? "poke" : "peek", m, at, n);
    if (!how) bytes(buf, n);
  } else
    note("fault", m, at, done);
}
static void step(void) {
  int i = rnd(FDS), j = rnd(FDS);
  long at = where(), n = much(), r;
  i64 from = where(), to = where();
  switch (rnd(20)) {
  case 0:
  case 1: note("write", i, n, write(fd[i], text + at % 5000, n)); break;
  case 2:
  case 3:
    r = read(fd[i], buf, n);
    note("read", i, n, r);
    bytes(buf, r);
    break;
  case 4: note("pwrite", at, n, pwrite(fd[i], text + n, n, at)); break;
  case 5:
    r = pread(fd[i], buf, n, at);
    note("pread", at, n, r);
    bytes(buf, r);
    break;
  case 6: {
    int whence = rnd(3);
    note("lseek", at, whence, lseek(fd[i], whence ? at - 5000 : at, whence));
    break;
  }
  case 7:
  case 8: mapping(); break;
  case 9: note("truncate", i, at, ftruncate(fd[i], at)); break;
  case 10: note("punch", at, n, fallocate(fd[i], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, n)); break;
  case 11: {
    int keep = rnd(2);
    note("allocate", at, n * 2 + keep, fallocate(fd[i], keep, at, n));
    break;
  }
  case 12:
    reopen(i);
    note("open", i, flags[i], fd[i] >= 0);
    break;
  case 13: {
    struct stat st;
    fstat(fd[i], &st);
    note("stat", i, st.st_size, st.st_mode);
    break;
  }
  case 14:
    if (file[i] == file[j]) break; // onto itself: what is read may have been written already
    note("sendfile", i, j, SC(sendfile, fd[i], fd[j], rnd(2) ? &from : 0, n));
    note("  at", from, 0, 0);
    break;
  case 15:
    r = SC(copy_file_range, fd[i], &from, fd[j], &to, n, 0);
    note("copy", i, j, r);
    break;
  case 16: mapping(); break;
  case 17:
  case 18: touch(); break;
  case 19: {
    int m = rnd(MAPS);
    if (map[m].at) note("dontneed", m, 0, madvise(map[m].at, map[m].pages * PAGE, MADV_DONTNEED));
    break;
  }
  }
}
int main(int argc, char **argv) {
  for (int i = 0; i < MAX; i++) text[i] = i * 11 + i / 256;
  int first = argc > 1 ? atol(argv[1]) : 1, last = argc > 2 ? atol(argv[2]) : argc > 1 ? first : 40;
  verbose = argc == 2;
  mkdir("random-data", 0755);
  chdir("random-data");
  for (int s = first; s <= last; s++) {
    state = s * 7919;
    sum = 0;
    for (int i = 0; i < FDS; i++) {
      fd[i] = -1;
      reopen(i);
    }
    for (int i = 0; i < 400; i++) step();
    for (int m = 0; m < MAPS; m++) drop(m);
    for (int i = 0; i < FDS; i++) close(fd[i]);
    for (int i = 0; i < FILES; i++) {
      char name[4] = { 'f', '0' + i, 0 };
      long n = slurp(name, (char *)buf, MAX);
      note("end", i, 0, n);
      if (n < MAX) bytes(buf, n);
      unlink(name);
    }
    printf("seed %d: %08x\n", s, sum);
  }
}
