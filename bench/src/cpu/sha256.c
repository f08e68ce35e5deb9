// SHA-256 (FIPS 180-4) of 12 MiB: shifts, rotates and additions, all in registers and a schedule of 64 words.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t k[64], h[8], w[64];

static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

/** Constants are the first 32 bits of the fractions of roots of primes: bit by bit, x = floor(root(p) * 2^32), exact in 128 bits. */
static uint32_t fraction(uint64_t p, int cube) {
  unsigned __int128 x = 0;
  for (int bit = 36; bit >= 0; bit--) {
    unsigned __int128 y = x | (unsigned __int128)1 << bit;
    // y^3 needs 111 bits, p * 2^96 at most 105.
    if (cube ? y * y * y <= (unsigned __int128)p << 96 : y * y <= (unsigned __int128)p << 64) x = y;
  }
  return (uint32_t)x;
}

static void constants(void) {
  int n = 0;
  for (uint64_t p = 2; n < 64; p++) {
    int prime = 1;
    for (uint64_t d = 2; d * d <= p; d++) if (p % d == 0) prime = 0;
    if (!prime) continue;
    if (n < 8) h[n] = fraction(p, 0);
    k[n++] = fraction(p, 1);
  }
}

static void block(const uint8_t *p) {
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3, s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], last = h[7];
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = last + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    last = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
  }
  h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += last;
}

int main(void) {
  static uint8_t data[1 << 16], tail[64];
  uint64_t bytes = 96 << 20;
  constants();
  for (unsigned i = 0; i < sizeof data; i++) data[i] = i * 7 + (i >> 8);
  for (uint64_t at = 0; at < bytes; at += 64) block(data + (at & 0xffff));
  tail[0] = 0x80;
  for (int i = 0; i < 8; i++) tail[56 + i] = bytes * 8 >> (56 - 8 * i);
  block(tail);
  printf("sha256 ");
  for (int i = 0; i < 8; i++) printf("%08x", h[i]);
  puts("");
  return 0;
}
