// Kernels of the cpu suite: entered with a0 = which one, a1 = rounds; the result comes back in a0 at an ebreak. Compiled to bench/guest/cpu.elf by
// node tools/elf-check.mjs

typedef unsigned char u8; typedef unsigned short u16; typedef unsigned u32; typedef unsigned long u64;

static u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((noinline)) static u64 run_fib(u64 rounds) { u64 s = 0; for (u64 i = 0; i < rounds; i++) s += fib(20); return s; }

static u32 rotr(u32 x, int n) { return x >> n | x << (32 - n); }
static u32 W[64], K[64];
__attribute__((noinline)) static u64 run_sha(u64 rounds) {
  u32 h[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  for (int i = 0; i < 64; i++) K[i] = i * 2654435761u;
  while (rounds--) {
    for (int i = 0; i < 16; i++) W[i] = h[i & 7] + i;
    for (int i = 16; i < 64; i++) {
      u32 s0 = rotr(W[i - 15], 7) ^ rotr(W[i - 15], 18) ^ W[i - 15] >> 3, s1 = rotr(W[i - 2], 17) ^ rotr(W[i - 2], 19) ^ W[i - 2] >> 10;
      W[i] = W[i - 16] + s0 + W[i - 7] + s1;
    }
    u32 a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
    for (int i = 0; i < 64; i++) {
      u32 t1 = k + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i], t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      k = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
  }
  return h[0];
}

// What CoreMark is made of: a linked list, a small matrix, a state machine over text, a CRC.
struct node { struct node *next; short key, value; };
static struct node nodes[200];
static short A[24][24], B[24][24]; static int C[24][24];
static u16 crc16(u16 crc, u32 v) { for (int i = 0; i < 16; i++, v >>= 1) crc = (crc ^ v) & 1 ? crc >> 1 ^ 0xa001 : crc >> 1; return crc; }
static struct node *sorted(struct node *list) {
  struct node *out = 0;
  while (list) { struct node *n = list, **at = &out; list = n->next; while (*at && (*at)->key < n->key) at = &(*at)->next; n->next = *at; *at = n; }
  return out;
}
__attribute__((noinline)) static int state(const u8 *s, int n, u32 *counts) {
  int st = 0;
  for (int i = 0; i < n; i++) {
    u8 c = s[i];
    switch (st) {
      case 0: st = c >= '0' && c <= '9' ? 1 : c == '+' || c == '-' ? 2 : c == '.' ? 3 : 4; break;
      case 1: st = c == '.' ? 3 : c >= '0' && c <= '9' ? 1 : c == ',' ? 0 : 4; break;
      case 2: st = c >= '0' && c <= '9' ? 1 : 4; break;
      case 3: st = c >= '0' && c <= '9' ? 3 : c == 'e' ? 2 : c == ',' ? 0 : 4; break;
      default: if (c == ',') st = 0;
    }
    counts[st]++;
  }
  return st;
}
__attribute__((noinline)) static u64 run_core(u64 rounds) {
  static const u8 text[] = "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^";
  u16 crc = 0;
  for (u64 r = 0; r < rounds; r++) {
    u32 counts[5] = {0};
    for (int i = 0; i < 200; i++) { nodes[i].next = i < 199 ? nodes + i + 1 : 0; nodes[i].key = (i * 7919 + r * 31) & 0x3ff; nodes[i].value = i; }
    for (struct node *n = sorted(nodes); n; n = n->next) crc = crc16(crc, n->key);
    for (int i = 0; i < 24; i++) for (int j = 0; j < 24; j++) { A[i][j] = i * j + r; B[i][j] = i - j; }
    for (int i = 0; i < 24; i++) for (int j = 0; j < 24; j++) { int s = 0; for (int k = 0; k < 24; k++) s += A[i][k] * B[k][j]; C[i][j] = s; }
    crc = crc16(crc, C[3][5] ^ C[7][11]);
    state(text, sizeof text - 1, counts);
    for (int i = 0; i < 5; i++) crc = crc16(crc, counts[i]);
  }
  return crc;
}

static u8 buf[1 << 16];
__attribute__((noinline)) static u64 run_bytes(u64 rounds) {
  u32 s = 0;
  for (int i = 0; i < 65536; i++) buf[i] = i * 7;
  while (rounds--) for (int i = 0; i < 65536; i++) { u8 c = buf[i]; if (c & 1) s += c; else s ^= c << 3; s = s >> 1 | s << 31; }
  return s;
}

static double pos[5][3], vel[5][3], mass[5];
__attribute__((noinline)) static u64 run_nbody(u64 rounds) {
  for (int i = 0; i < 5; i++) { mass[i] = 1.0 / (i + 1); for (int k = 0; k < 3; k++) { pos[i][k] = i * 1.37 + k * 0.61; vel[i][k] = (i - k) * 0.011; } }
  while (rounds--) {
    for (int i = 0; i < 5; i++) for (int j = i + 1; j < 5; j++) {
      double d[3], r2 = 0;
      for (int k = 0; k < 3; k++) { d[k] = pos[i][k] - pos[j][k]; r2 += d[k] * d[k]; }
      double m = 0.01 / (r2 * __builtin_sqrt(r2));
      for (int k = 0; k < 3; k++) { vel[i][k] -= d[k] * mass[j] * m; vel[j][k] += d[k] * mass[i] * m; }
    }
    for (int i = 0; i < 5; i++) for (int k = 0; k < 3; k++) pos[i][k] += 0.01 * vel[i][k];
  }
  return *(u64 *)&pos[0][0];
}

__attribute__((noinline)) static u64 run_ecall(u64 rounds) {
  register u64 a0 asm("a0") = 0, a7 asm("a7") = 173;
  while (rounds--) asm volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

void _start(u64 which, u64 rounds) {
  u64 (*const all[])(u64) = {run_fib, run_sha, run_core, run_bytes, run_nbody, run_ecall};
  register u64 a0 asm("a0") = all[which](rounds);
  asm volatile("ebreak" : : "r"(a0));
}
