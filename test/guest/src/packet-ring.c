// packet(7) PACKET_RX_RING: geometry that is refused, mapping, TPACKET_V1, V2 and V3: headers, order, full rings, poll, statistics.
#include "net.h"
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#define AF_PACKET 17
#define SOL_PACKET 263
#define SOCK_RAW 3
static u16 swap(u16 x) { return x << 8 | x >> 8; }
static u8 frame[2000];
static int tx;
static void sendn(int n, int length) {
  struct sockaddr_ll a;
  memset(&a, 0, sizeof a);
  a.sll_family = AF_PACKET;
  a.sll_ifindex = 1;
  a.sll_halen = 6;
  for (int i = 0; i < n; i++) {
    memset(frame, 0, sizeof frame);
    frame[12] = 0x88;
    frame[13] = 0xb5;
    frame[14] = i;
    for (int k = 15; k < length; k++) frame[k] = k;
    SC(sendto, tx, frame, length, 0, &a, sizeof a);
  }
}
static long set(int s, int name, int v) { return setsockopt(s, SOL_PACKET, name, &v, sizeof v); }
static int fresh(int version, int type) {
  int s = socket(AF_PACKET, type, swap(0x88b5));
  E("version", set(s, PACKET_VERSION, version));
  return s;
}
static long ring(int s, unsigned bs, unsigned bn, unsigned fs, unsigned fn) {
  struct tpacket_req3 q = { bs, bn, fs, fn, 60, 0, 0 };
  return setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof q);
}
static void readable(int s, const char *label) {
  struct { int fd; short events, revents; } p = { s, 1, 0 };
  long ts[2] = { 0, 0 };
  SC(ppoll, &p, 1, ts, 0, 8);
  printf("%s: readable %d\n", label, p.revents & 1);
}
static void stats(int s) {
  struct tpacket_stats_v3 st = { 9, 9, 9 };
  int n = sizeof st;
  long r = getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &n);
  printf("statistics %s len %d packets %u drops %u freezes %u\n", err(r), n, st.tp_packets, st.tp_drops, n > 8 ? st.tp_freeze_q_cnt : 0);
}
static void geometry(void) {
  for (int v = 0; v < 3; v++) {
    int s = fresh(v, SOCK_RAW), n = v, l = 4;
    E("HDRLEN", getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &n, &l));
    V("is", n);
    E("block not of pages", ring(s, 5000, 1, 2048, 2));
    E("no block size", ring(s, 0, 1, 2048, 2));
    E("small frame", ring(s, 4096, 1, 48, 85));
    E("smallest frame", ring(s, 4096, 1, v == 2 ? 80 : 64, v == 2 ? 51 : 64));
    E("gone", ring(s, 0, 0, 0, 0));
    E("odd frame", ring(s, 4096, 1, 1000, 4));
    E("frame over block", ring(s, 4096, 1, 8192, 1));
    E("wrong count", ring(s, 4096, 2, 2048, 3));
    E("nothing but frames", ring(s, 0, 0, 0, 3));
    struct tpacket_req q = { 4096, 1, 2048, 2 };
    E("short request", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, v == 2 ? sizeof q : sizeof q - 1));
    E("mmap without", SC(mmap, 0, 8192, 3, 1, s, 0));
    E("good", ring(s, 4096, 2, 2048, 4));
    E("another", ring(s, 4096, 2, 2048, 4));
    E("version with ring", set(s, PACKET_VERSION, 1));
    E("reserve with ring", set(s, PACKET_RESERVE, 16));
    E("mmap short", SC(mmap, 0, 4096, 3, 1, s, 0));
    E("mmap offset", SC(mmap, 0, 8192, 3, 1, s, 4096));
    long m = SC(mmap, 0, 8192, 3, 1, s, 0);
    E("mmap", m);
    E("gone while mapped", ring(s, 0, 0, 0, 0));
    E("munmap", SC(munmap, m, 8192));
    E("gone", ring(s, 0, 0, 0, 0));
    SC(close, s);
  }
  int s = socket(AF_PACKET, SOCK_RAW, 0), n = 7, l = 4;
  E("version 3", set(s, PACKET_VERSION, 3));
  E("HDRLEN of 7", getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &n, &l));
  E("reserve", set(s, PACKET_RESERVE, -1));
}
static void frames(int v, int type, int reserve) {
  printf("== V%d %s reserve %d\n", v + 1, type == SOCK_RAW ? "raw" : "dgram", reserve);
  int s = fresh(v, type);
  E("reserve", set(s, PACKET_RESERVE, reserve));
  E("ring", ring(s, 4096, 2, 512, 16));
  u8 *m = (u8 *)SC(mmap, 0, 8192, 3, 1, s, 0);
  readable(s, "empty");
  sendn(3, 60);
  readable(s, "three");
  E("recv", recv(s, frame, 100, MSG_DONTWAIT));
  sendn(1, 1500);
  for (int i = 0; i < 5; i++) {
    u8 *f = m + i * 512;
    if (v == 0) {
      struct tpacket_hdr *h = (void *)f;
      printf("%d: status %lx len %u snaplen %u mac %d net %d sec %d usec %d", i, h->tp_status & ~0xe0000000ul, h->tp_len, h->tp_snaplen, h->tp_mac, h->tp_net, h->tp_sec != 0, h->tp_usec < 1000000);
      if (h->tp_status) printf(" bytes %02x %02x", f[h->tp_net], f[h->tp_net + h->tp_snaplen - (h->tp_net - h->tp_mac) - 1]);
    } else {
      struct tpacket2_hdr *h = (void *)f;
      printf("%d: status %x len %u snaplen %u mac %d net %d sec %d nsec %d vlan %d", i, h->tp_status & ~0xe0000000, h->tp_len, h->tp_snaplen, h->tp_mac, h->tp_net, h->tp_sec != 0,
        h->tp_nsec < 1000000000, h->tp_vlan_tci);
      if (h->tp_status) printf(" bytes %02x %02x", f[h->tp_net], f[h->tp_net + h->tp_snaplen - (h->tp_net - h->tp_mac) - 1]);
    }
    struct sockaddr_ll *a = (void *)(f + TPACKET_ALIGN(v == 0 ? sizeof(struct tpacket_hdr) : sizeof(struct tpacket2_hdr)));
    printf(" name %d %04x if %d type %d\n", a->sll_family, swap(a->sll_protocol), a->sll_ifindex, a->sll_pkttype);
  }
  stats(s);
  sendn(14, 60);
  stats(s);
  *(u32 *)m = 0;
  readable(s, "one given back");
  sendn(2, 60);
  stats(s);
  printf("status of 0: %x\n", *(u32 *)m & ~0xe0000000);
  for (int i = 0; i < 16; i++) *(u32 *)(m + i * 512) = 0;
  readable(s, "all given back");
  sendn(1, 60);
  int at = 0;
  for (int i = 0; i < 16; i++) if (*(u32 *)(m + i * 512)) at = i;
  V("goes on at", at);
  SC(close, s);
  printf("after close: %x\n", *(u32 *)(m + at * 512) & ~0xe0000000);
}
static void show(u8 *m, int i) {
  struct tpacket_block_desc *d = (void *)(m + i * 4096);
  struct tpacket_hdr_v1 *h = &d->hdr.bh1;
  printf("block %d: version %d priv %d status %x packets %d first %d length %d seq %d times %d %d\n", i, d->version, d->offset_to_priv, h->block_status, h->num_pkts, h->offset_to_first_pkt,
    h->blk_len, (int)h->seq_num, h->ts_first_pkt.ts_sec != 0, h->ts_last_pkt.ts_sec != 0);
  if (!h->block_status) return;
  u8 *p = (u8 *)d + h->offset_to_first_pkt;
  for (u32 k = 0; k < h->num_pkts; k++) {
    struct tpacket3_hdr *f = (void *)p;
    struct sockaddr_ll *a = (void *)(p + TPACKET_ALIGN(sizeof *f));
    printf("  next %d snaplen %d len %d status %x mac %d net %d first %02x name %d if %d type %d\n", f->tp_next_offset, f->tp_snaplen, f->tp_len, f->tp_status & ~0xe0000000, f->tp_mac, f->tp_net,
      p[f->tp_net], a->sll_family, a->sll_ifindex, a->sll_pkttype);
    p += f->tp_next_offset;
  }
}
static void blocks(void) {
  printf("== V3\n");
  int s = fresh(TPACKET_V3, SOCK_RAW);
  struct tpacket_req3 whole = { 8192, 2, 8192, 2, 50, 0, 0 }, private = { 4096, 1, 2048, 2, 50, 4000, 0 };
  E("private part too large", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &private, sizeof private));
  E("frames as large as blocks", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &whole, sizeof whole));
  E("gone", ring(s, 0, 0, 0, 0));
  struct tpacket_req3 q = { 4096, 3, 2048, 6, 50, 12, 0 };
  E("ring", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof q));
  u8 *m = (u8 *)SC(mmap, 0, 3 * 4096, 3, 1, s, 0);
  readable(s, "empty");
  sendn(2, 60);
  readable(s, "two");
  struct { int fd; short events, revents; } p = { s, 1, 0 };
  long ts[2] = { 5, 0 };
  V("poll", SC(ppoll, &p, 1, ts, 0, 8));
  show(m, 0);
  show(m, 1);
  sendn(5, 1000);
  readable(s, "full");
  show(m, 1);
  V("poll", SC(ppoll, &p, 1, ts, 0, 8));
  sendn(20, 1000);
  show(m, 2);
  stats(s);
  ((struct tpacket_block_desc *)m)->hdr.bh1.block_status = 0;
  sendn(1, 1000);
  stats(s);
  ((struct tpacket_block_desc *)(m + 4096))->hdr.bh1.block_status = 0;
  ((struct tpacket_block_desc *)(m + 8192))->hdr.bh1.block_status = 0;
  msleep(300);
  show(m, 0);
  SC(close, s);
}
int main(void) {
  struct { char name[16]; short flags; char rest[22]; } r = { "lo", 0x41, "" };
  ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &r);
  msleep(20);
  tx = socket(AF_PACKET, SOCK_RAW, 0);
  geometry();
  frames(TPACKET_V1, SOCK_RAW, 0);
  frames(TPACKET_V2, SOCK_RAW, 0);
  frames(TPACKET_V2, 2, 4);
  blocks();
  return 0;
}
