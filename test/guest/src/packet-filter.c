// socket(7) SO_ATTACH_FILTER on packet sockets: loads of all kinds, facts about packets, cutting, what is refused, locking.
#include "net.h"
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#define AF_PACKET 17
#define SOCK_RAW 3
#define ATTACH 26
#define DETACH 27
#define LOCK 44
static u16 swap(u16 x) { return x << 8 | x >> 8; }
static int tx, rx;
static u8 frame[64], b[2000];
static void run(const char *label, struct sock_filter *f, int n) {
  struct sock_fprog p = { n, f };
  long r = setsockopt(rx, SOL_SOCKET, ATTACH, &p, sizeof p);
  if (r < 0) { printf("%s: %s\n", label, err(r)); return; }
  struct sockaddr_ll a;
  memset(&a, 0, sizeof a);
  a.sll_family = AF_PACKET;
  a.sll_ifindex = 1;
  a.sll_halen = 6;
  SC(sendto, tx, frame, sizeof frame, 0, &a, sizeof a);
  printf("%s: keeps", label);
  for (;;) {
    long k = recv(rx, b, sizeof b, MSG_DONTWAIT | MSG_TRUNC);
    if (k < 0) break;
    printf(" %ld", k);
  }
  printf("\n");
}
#define RUN(label, ...) do { struct sock_filter f[] = { __VA_ARGS__ }; run(label, f, sizeof f / sizeof *f); } while (0)
#define LD(size, k) BPF_STMT(BPF_LD | size | BPF_ABS, k)
#define RETA BPF_STMT(BPF_RET | BPF_A, 0)
int main(void) {
  struct { char name[16]; short flags; char rest[22]; } r = { "lo", 0x41, "" };
  ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &r);
  msleep(20);
  for (int i = 0; i < 64; i++) frame[i] = i;
  memset(frame, 0, 6);
  frame[12] = 0x88;
  frame[13] = 0xb5;
  frame[14] = 0x45;
  tx = socket(AF_PACKET, SOCK_RAW, 0);
  rx = socket(AF_PACKET, SOCK_DGRAM, swap(0x88b5));
  for (int raw = 0; raw < 2; raw++) {
    printf("== %s\n", raw ? "raw" : "dgram");
    if (raw) rx = socket(AF_PACKET, SOCK_RAW, swap(0x88b5));
    RUN("all", BPF_STMT(BPF_RET | BPF_K, 0xffffffff));
    RUN("none", BPF_STMT(BPF_RET | BPF_K, 0));
    RUN("five", BPF_STMT(BPF_RET | BPF_K, 5));
    RUN("byte 3", LD(BPF_B, 3), RETA);
    RUN("half 20", LD(BPF_H, 20), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 63), RETA);
    RUN("word 20", LD(BPF_W, 20), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 24), RETA);
    RUN("outside", LD(BPF_W, 61), BPF_STMT(BPF_RET | BPF_K, 9));
    RUN("last word", LD(BPF_W, 46), BPF_STMT(BPF_RET | BPF_K, 9));
    RUN("indexed", BPF_STMT(BPF_LDX | BPF_IMM, 7), BPF_STMT(BPF_LD | BPF_B | BPF_IND, 2), RETA);
    RUN("length", BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 4), RETA);
    RUN("header length", BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, raw ? 14 : 0), BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA);
    RUN("modulo", BPF_STMT(BPF_LD | BPF_IMM, 47), BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 10), RETA);
    RUN("modulo X", BPF_STMT(BPF_LD | BPF_IMM, 47), BPF_STMT(BPF_LDX | BPF_IMM, 9), BPF_STMT(BPF_ALU | BPF_MOD | BPF_X, 0), RETA);
    RUN("modulo zero", BPF_STMT(BPF_LD | BPF_IMM, 47), BPF_STMT(BPF_ALU | BPF_MOD | BPF_X, 0), RETA);
    RUN("protocol", LD(BPF_W, SKF_AD_OFF + SKF_AD_PROTOCOL), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x88b5, 0, 1), BPF_STMT(BPF_RET | BPF_K, 11), BPF_STMT(BPF_RET | BPF_K, 0));
    RUN("type, interface, hardware", LD(BPF_W, SKF_AD_OFF + SKF_AD_PKTTYPE), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1), BPF_STMT(BPF_MISC | BPF_TAX, 0), LD(BPF_W, SKF_AD_OFF + SKF_AD_IFINDEX),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0), LD(BPF_W, SKF_AD_OFF + SKF_AD_HATYPE), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 742), BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), RETA);
    RUN("xor", BPF_STMT(BPF_LD | BPF_IMM, 12), BPF_STMT(BPF_LDX | BPF_IMM, 5), LD(BPF_W, SKF_AD_OFF + SKF_AD_ALU_XOR_X), RETA);
    RUN("vlan", LD(BPF_W, SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_RET | BPF_K, 11), BPF_STMT(BPF_RET | BPF_K, 0));
    RUN("network header", LD(BPF_B, SKF_NET_OFF + 6), RETA);
    RUN("link header", LD(BPF_B, SKF_LL_OFF + 8), RETA);
    RUN("scratch", BPF_STMT(BPF_LD | BPF_IMM, 21), BPF_STMT(BPF_ST, 15), BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_LD | BPF_MEM, 15), RETA);
    RUN("scratch not written", BPF_STMT(BPF_LD | BPF_MEM, 15), RETA);
  }
  RUN("unknown fact", LD(BPF_W, SKF_AD_OFF + 64), RETA);
  RUN("odd fact", LD(BPF_W, SKF_AD_OFF + 2), RETA);
  RUN("no return", LD(BPF_W, 0));
  RUN("far jump", BPF_STMT(BPF_JMP | BPF_JA, 5), RETA);
  RUN("divide by 0", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RETA);
  RUN("modulo by 0", BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 0), RETA);
  RUN("shift by 32", BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RETA);
  RUN("unknown code", { 0xfff, 0, 0, 0 }, RETA);
  RUN("memory 16", BPF_STMT(BPF_ST, 16), RETA);
  struct sock_filter f = BPF_STMT(BPF_RET | BPF_K, 5);
  struct sock_fprog p = { 1, &f }, none = { 0, &f }, many = { 5000, &f }, null = { 1, 0 };
  E("short", setsockopt(rx, SOL_SOCKET, ATTACH, &p, 8));
  E("none", setsockopt(rx, SOL_SOCKET, ATTACH, &none, sizeof p));
  E("many", setsockopt(rx, SOL_SOCKET, ATTACH, &many, sizeof p));
  E("null", setsockopt(rx, SOL_SOCKET, ATTACH, &null, sizeof p));
  E("fault", setsockopt(rx, SOL_SOCKET, ATTACH, (void *)8, sizeof p));
  int on = 1, off = 0;
  E("detach", setsockopt(rx, SOL_SOCKET, DETACH, &on, 4));
  E("detach nothing", setsockopt(rx, SOL_SOCKET, DETACH, &on, 4));
  E("attach", setsockopt(rx, SOL_SOCKET, ATTACH, &p, sizeof p));
  E("lock", setsockopt(rx, SOL_SOCKET, LOCK, &on, 4));
  E("unlock", setsockopt(rx, SOL_SOCKET, LOCK, &off, 4));
  E("locked attach", setsockopt(rx, SOL_SOCKET, ATTACH, &p, sizeof p));
  E("locked detach", setsockopt(rx, SOL_SOCKET, DETACH, &on, 4));
  return 0;
}
