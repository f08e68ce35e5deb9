// A hash table that fills 64 MiB: open addressing, every probe a cache miss and most a TLB miss.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#define SLOTS (1u << 22)
#define KEYS 1500000u

struct slot { uint64_t key, value; };

static uint64_t mix(uint64_t x) {
  x ^= x >> 33; x *= 0xff51afd7ed558ccdull;
  x ^= x >> 29; x *= 0xc4ceb9fe1a85ec53ull;
  return x ^ x >> 32;
}

static struct slot *find(struct slot *table, uint64_t key) {
  uint32_t at = mix(key) & (SLOTS - 1);
  while (table[at].key && table[at].key != key) at = (at + 1) & (SLOTS - 1);
  return table + at;
}

int main(void) {
  struct slot *table = calloc(SLOTS, sizeof *table);
  if (!table) return 1;
  uint64_t sum = 0;
  for (uint64_t i = 1; i <= KEYS; i++) { struct slot *s = find(table, i * 3); s->key = i * 3; s->value = i; }
  for (uint64_t i = 1; i <= 10 * KEYS; i++) sum += find(table, mix(i) % (4 * KEYS) + 1)->value;
  printf("hash %llx\n", (unsigned long long)sum);
  return 0;
}
