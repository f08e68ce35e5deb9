// oracle: man
// vdso(7), "riscv functions"; getauxval(3), AT_SYSINFO_EHDR: the image is an ELF file that exports what Linux does, under the same version; its functions,
// called by hand, answer what the system calls answer.
#include "t.h"
#include <linux/auxvec.h>
#include <elf.h>

static char *base, *strings;
static Elf64_Sym *symbols;
static unsigned *hash;
static u16 *versions;
static Elf64_Verdef *definitions;

static const char *version_of(int symbol) {
  Elf64_Verdef *d = definitions;
  for (;; d = (void *)((char *)d + d->vd_next)) {
    if (d->vd_ndx == (versions[symbol] & 0x7fff)) return strings + ((Elf64_Verdaux *)((char *)d + d->vd_aux))->vda_name;
    if (d->vd_next == 0) return "none";
  }
}

static void *lookup(const char *name) {
  for (unsigned i = 1; i < hash[1]; i++)
    if (symbols[i].st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC && strcmp(strings + symbols[i].st_name, name) == 0) {
      printf("%s %s\n", name, version_of(i));
      return base + symbols[i].st_value;
    }
  printf("%s is not there\n", name);
  return 0;
}

struct pair { i64 key; u64 value; };

int main(void) {
  base = (char *)getauxval(AT_SYSINFO_EHDR);
  Elf64_Ehdr *e = (void *)base;
  printf("ELF %d type %d machine %d page aligned %d\n", memcmp(base, "\177ELF\2\1\1", 7) == 0, e->e_type, e->e_machine, ((long)base & 4095) == 0);
  Elf64_Phdr *p = (void *)(base + e->e_phoff);
  Elf64_Dyn *d = 0;
  for (int i = 0; i < e->e_phnum; i++) {
    if (p[i].p_type == PT_LOAD) printf("load at %ld flags %d\n", (long)p[i].p_vaddr, p[i].p_flags);
    if (p[i].p_type == PT_DYNAMIC) d = (void *)(base + p[i].p_vaddr);
  }
  for (; d->d_tag != DT_NULL; d++) {
    void *at = base + d->d_un.d_ptr;
    if (d->d_tag == DT_STRTAB) strings = at;
    if (d->d_tag == DT_SYMTAB) symbols = at;
    if (d->d_tag == DT_HASH) hash = at;
    if (d->d_tag == DT_VERSYM) versions = at;
    if (d->d_tag == DT_VERDEF) definitions = at;
  }

  long (*get)(int, struct timespec *) = lookup("__vdso_clock_gettime");
  struct timespec before, between, after;
  for (int clock = 0; clock < 8; clock++) {
    SC(clock_gettime, clock, &before);
    int r = get(clock, &between);
    SC(clock_gettime, clock, &after);
#define NS(t) (t.tv_sec * 1000000000l + t.tv_nsec)
    printf("clock %d: %d, in order %d\n", clock, r, NS(before) <= NS(between) && NS(between) <= NS(after));
  }
  printf("no clock: %d\n", (int)get(77, &between) == -22);
  long (*resolution)(int, struct timespec *) = lookup("__vdso_clock_getres");
  printf("resolution %d", (int)resolution(CLOCK_MONOTONIC, &between));
  printf(" %ld ns\n", between.tv_nsec);
  long (*day)(struct timeval *, void *) = lookup("__vdso_gettimeofday");
  struct timeval now;
  SC(clock_gettime, CLOCK_REALTIME, &before);
  printf("time of day %d", (int)day(&now, 0));
  SC(clock_gettime, CLOCK_REALTIME, &after);
  printf(" in order %d\n", NS(before) / 1000 <= now.tv_sec * 1000000l + now.tv_usec && now.tv_sec * 1000000l + now.tv_usec <= NS(after) / 1000);

  long (*cpu)(unsigned *, unsigned *, void *) = lookup("__vdso_getcpu");
  unsigned c = 9, n = 9;
  printf("cpu %d", (int)cpu(&c, &n, 0));
  printf(" %u %u, null pointers %d\n", c, n, (int)cpu(0, 0, 0));
  long (*flush)(void *, void *, unsigned long) = lookup("__vdso_flush_icache");
  printf("flush %ld, a flag that is not there %ld\n", flush(main, main + 64, 0), flush(main, main + 64, 8));

  long (*probe)(struct pair *, size_t, size_t, u64 *, unsigned) = lookup("__vdso_riscv_hwprobe");
  struct pair mine[16], kernels[16];
  for (int i = 0; i < 16; i++) mine[i].key = kernels[i].key = i == 15 ? -7 : i, mine[i].value = kernels[i].value = 1;
  printf("probe %d", (int)probe(mine, 16, 0, 0, 0));
  __sc((long)kernels, 16, 0, 0, 0, 0, 258);
  printf(" equal to the system call %d, unknown key %ld %ld\n", memcmp(mine, kernels, sizeof mine) == 0, mine[15].key, mine[15].value);
  u64 set = 1;
  printf("one cpu %d, flags %d\n", (int)probe(mine, 1, 8, &set, 0), (int)probe(mine, 1, 0, 0, 2));

  unsigned *trampoline = lookup("__vdso_rt_sigreturn");
  printf("trampoline %x %x\n", trampoline[0], trampoline[1]);
  FAULT("the image cannot be written", base, *(volatile char *)base = 0);
  FAULT("nor its data", base - 4096, *(volatile char *)(base - 4096) = 0);
}
