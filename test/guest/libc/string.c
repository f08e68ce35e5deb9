// Strings, memory and malloc on brk.
#include "t.h"

void *memcpy(void *d, const void *s, size_t n) {
  u8 *a = d; const u8 *b = s;
  if (((((u64)a) | (u64)b) & 7) == 0) for (; n >= 8; n -= 8, a += 8, b += 8) *(u64 *)a = *(const u64 *)b;
  while (n--) *a++ = *b++;
  return d;
}
void *memmove(void *d, const void *s, size_t n) {
  u8 *a = d; const u8 *b = s;
  if (a <= b) return memcpy(d, s, n);
  while (n--) a[n] = b[n];
  return d;
}
void *memset(void *d, int c, size_t n) {
  u8 *a = d;
  u64 w = (u8)c * 0x0101010101010101ul;
  if (((u64)a & 7) == 0) for (; n >= 8; n -= 8, a += 8) *(u64 *)a = w;
  while (n--) *a++ = c;
  return d;
}
int memcmp(const void *a, const void *b, size_t n) {
  const u8 *p = a, *q = b;
  for (; n; n--, p++, q++) if (*p != *q) return *p - *q;
  return 0;
}
size_t strlen(const char *s) { size_t n = 0; while (s[n]) n++; return n; }
int strcmp(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return (u8)*a - (u8)*b; }
int strncmp(const char *a, const char *b, size_t n) {
  for (; n; n--, a++, b++) if (*a != *b || !*a) return (u8)*a - (u8)*b;
  return 0;
}
char *strchr(const char *s, int c) {
  for (;; s++) { if (*s == (char)c) return (char *)s; if (!*s) return NULL; }
}
char *strstr(const char *s, const char *w) {
  size_t n = strlen(w);
  for (; *s; s++) if (strncmp(s, w, n) == 0) return (char *)s;
  return NULL;
}
char *strcpy(char *d, const char *s) { memcpy(d, s, strlen(s) + 1); return d; }
char *strcat(char *d, const char *s) { strcpy(d + strlen(d), s); return d; }
long atol(const char *s) {
  long v = 0; int neg = *s == '-';
  for (s += neg; *s >= '0' && *s <= '9'; s++) v = v * 10 + (*s - '0');
  return neg ? -v : v;
}

static char *heap, *top;
void *malloc(size_t n) {
  if (!heap) heap = top = (char *)((brk(0) + 15) & ~15ul);
  size_t size = ((n + 15) & ~15ul) + 16;
  if ((char *)brk(heap + size) < heap + size) return NULL;
  *(size_t *)heap = size;
  char *p = heap + 16;
  heap += size;
  return p;
}
void free(void *p) {
  if (!p) return;
  char *block = (char *)p - 16;
  if (block + *(size_t *)block == heap) { heap = block; brk(heap); }
}
