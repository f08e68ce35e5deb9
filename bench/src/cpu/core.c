// The integer mix that CoreMark is known for, written anew: insertion sort of a linked list, a small matrix product, a state machine over text, a CRC.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#define ROUNDS 20000
#define N 24

struct node { struct node *next; int16_t key, value; };
static struct node nodes[200];
static int16_t a[N][N], b[N][N];
static int32_t c[N][N];

static uint16_t crc16(uint16_t crc, uint32_t v) {
  for (int i = 0; i < 16; i++, v >>= 1) crc = (crc ^ v) & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
}

static struct node *sorted(struct node *list) {
  struct node *out = 0;
  while (list) {
    struct node *n = list, **at = &out;
    list = n->next;
    while (*at && (*at)->key < n->key) at = &(*at)->next;
    n->next = *at;
    *at = n;
  }
  return out;
}

static int digit(int ch) { return ch >= '0' && ch <= '9'; }

/** A recogniser of numbers: which states does the text pass through? */
static void states(const char *s, uint32_t *counts) {
  int st = 0;
  for (; *s; s++) {
    int ch = *s;
    switch (st) {
      case 0: st = digit(ch) ? 1 : ch == '+' || ch == '-' ? 2 : ch == '.' ? 3 : 4; break;
      case 1: st = ch == '.' ? 3 : digit(ch) ? 1 : ch == ',' ? 0 : 4; break;
      case 2: st = digit(ch) ? 1 : 4; break;
      case 3: st = digit(ch) ? 3 : ch == 'e' ? 2 : ch == ',' ? 0 : 4; break;
      default: if (ch == ',') st = 0;
    }
    counts[st]++;
  }
}

int main(void) {
  static char text[] = "812,9034,-71,+56,12.250,.75,-3.5,+0.125,7.0e+2,-.5e-1,-9e+99,x1.0e-3,-q.++r,2b.3e,61.0e-^";
  uint16_t crc = 0;
  for (int r = 0; r < ROUNDS; r++) {
    for (int i = 0; i < 200; i++) {
      nodes[i].next = i < 199 ? nodes + i + 1 : 0;
      nodes[i].key = (i * 7919 + r * 31) & 0x3ff;
      nodes[i].value = i;
    }
    for (struct node *n = sorted(nodes); n; n = n->next) crc = crc16(crc, n->key);
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = i * j + r; b[i][j] = i - j; }
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) {
      int32_t s = 0;
      for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
      c[i][j] = s;
    }
    crc = crc16(crc, c[3][5] ^ c[7][11]);
    for (int i = 0; i < 8; i++) {
      uint32_t counts[5] = {0};
      text[r % 90] = "0123456789,.+-e"[(r + i) % 15];
      states(text, counts);
      for (int k = 0; k < 5; k++) crc = crc16(crc, counts[k]);
    }
  }
  printf("core %04x\n", crc);
  return 0;
}
