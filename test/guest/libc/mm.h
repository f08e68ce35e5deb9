// Helpers of the memory tests: what /proc/self/smaps says of an address, which pages are here, a place of one's own.
#pragma once
#include "t.h"
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHANON (MAP_SHARED | MAP_ANONYMOUS)

static char smaps_[262144];
static u64 hex_(const char **p) {
  u64 v = 0;
  for (; **p && **p != '-' && **p != ' '; ++*p) v = v * 16 + (**p <= '9' ? **p - '0' : **p - 'a' + 10);
  return v;
}
/** The entry of `file` (maps or smaps) for the mapping that contains `at`, or NULL; `*start`, `*end` are its borders. */
static char *entry_(const char *file, const void *at, u64 *start, u64 *end) {
  slurp(file, smaps_, sizeof smaps_);
  for (const char *p = smaps_; *p; p = strchr(p, '\n') + 1) {
    const char *q = p;
    if ((*q >= 'A' && *q <= 'Z') || *q == '\0') continue;
    *start = hex_(&q);
    q++;
    *end = hex_(&q);
    if ((u64)at >= *start && (u64)at < *end) return (char *)p;
  }
  return NULL;
}
/** Prints offset of the mapping's start from `base`, its size in pages and its permissions. */
static void where(const char *label, const void *base, const void *at) {
  u64 s, e;
  char *p = entry_("/proc/self/maps", at, &s, &e);
  if (!p) { printf("%s: not mapped\n", label); return; }
  char *sp = strchr(p, ' ');
  sp[5] = 0;
  printf("%s: page %ld, %lu pages%s\n", label, ((long)s - (long)base) / PAGE, (e - s) / PAGE, sp);
}
/** "Rss:" and the like of the mapping at `at`, in KiB. */
static long smap(const void *at, const char *key) {
  u64 s, e;
  char *p = entry_("/proc/self/smaps", at, &s, &e);
  if (!p) return -1;
  p = strstr(p, key);
  p += strlen(key);
  while (*p == ' ' || *p == ':') p++;
  return atol(p);
}
/** Does VmFlags of the mapping at `at` have the two letters? */
static int vmflag(const void *at, const char *letters) {
  u64 s, e;
  char *p = entry_("/proc/self/smaps", at, &s, &e);
  if (!p) return -1;
  p = strstr(p, "VmFlags:");
  *strchr(p, '\n') = 0;
  char key[8];
  snprintf(key, 8, " %s ", letters);
  return strstr(p, key) != NULL;
}
/** Residency of `n` pages as digits. */
static void resident(const char *label, const void *at, int n) {
  u8 v[64];
  char b[65];
  long r = SC(mincore, at, n * PAGE, v);
  if (r < 0) { E(label, r); return; }
  for (int i = 0; i < n; i++) b[i] = '0' + (v[i] & 1);
  b[n] = 0;
  printf("%s: %s\n", label, b);
}
/** Addresses of `n` free pages with room around. */
static char *place(int n) {
  char *p = mmap(0, (n + 32) * PAGE, PROT_NONE, ANON, -1, 0);
  munmap(p, (n + 32) * PAGE);
  return p + 16 * PAGE;
}
static long peek_(const void *p) { return *(volatile const unsigned char *)p; }
#define TOUCH(p) (*(volatile unsigned char *)(p) = 1)
#define LOOK(p) ((void)*(volatile unsigned char *)(p))
static void limit(int what, u64 soft) { u64 l[2]; must(prlimit(0, what, 0, l)); l[0] = soft; must(prlimit(0, what, l, 0)); }
/** Becomes nobody, without privileges. */
static void drop(void) { must(SC(setresgid, 65534, 65534, 65534)); must(SC(setresuid, 65534, 65534, 65534)); }
