// packet(7): raw and cooked packets over lo, names, who hears what, truncation, ancillary data, statistics, errors.
#include "net.h"
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#define AF_PACKET 17
#define SOL_PACKET 263
#define SOCK_RAW 3
#define MSG_PEEK 2
static u16 swap(u16 x) { return x << 8 | x >> 8; }
static void lo_flags(int flags) {
  struct { char name[16]; short flags; char rest[22]; } r = { "lo", 0, "" };
  r.flags = flags;
  E("flags", ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &r));
}
static u8 frame[2000], b[2000];
static int make(int proto, int length, const u8 *dst) {
  memset(frame, 0, sizeof frame);
  if (dst) memcpy(frame, dst, 6);
  for (int i = 0; i < 6; i++) frame[6 + i] = 0x10 + i;
  frame[12] = proto >> 8;
  frame[13] = proto;
  for (int i = 14; i < length; i++) frame[i] = i;
  return length;
}
static long to_lo(int s, const void *buf, int n, int proto, int halen) {
  struct sockaddr_ll a;
  memset(&a, 0, sizeof a);
  a.sll_family = AF_PACKET;
  a.sll_ifindex = 1;
  a.sll_protocol = swap(proto);
  a.sll_halen = halen;
  a.sll_addr[0] = 2;
  return SC(sendto, s, buf, n, 0, &a, sizeof a);
}
static void show(int s, const char *label) {
  for (;;) {
    struct sockaddr_ll a;
    int len = sizeof a;
    memset(&a, 0, sizeof a);
    long n = SC(recvfrom, s, b, sizeof b, MSG_DONTWAIT, &a, &len);
    if (n < 0) { printf("%s: %s\n", label, err(n)); return; }
    printf("%s: %ld bytes, name %d, family %d proto %04x if %d hatype %d type %d halen %d from %02x..%02x, first %02x %02x last %02x\n", label, n, len, a.sll_family, swap(a.sll_protocol),
      a.sll_ifindex, a.sll_hatype, a.sll_pkttype, a.sll_halen, a.sll_addr[0], a.sll_addr[5], b[0], b[12], b[n - 1]);
  }
}
static void name(int s, const char *label) {
  struct sockaddr_ll a;
  int len = sizeof a;
  memset(&a, 0xee, sizeof a);
  long r = SC(getsockname, s, &a, &len);
  printf("%s: %s len %d family %d proto %04x if %d hatype %d type %d halen %d\n", label, err(r), len, a.sll_family, swap(a.sll_protocol), a.sll_ifindex, a.sll_hatype, a.sll_pkttype, a.sll_halen);
}
static long bind_ll(int s, int family, int proto, int index, int len) {
  struct sockaddr_ll a;
  memset(&a, 0, sizeof a);
  a.sll_family = family;
  a.sll_protocol = swap(proto);
  a.sll_ifindex = index;
  return SC(bind, s, &a, len);
}
int main(void) {
  static const u8 bcast[6] = { 255, 255, 255, 255, 255, 255 }, group[6] = { 1, 0, 0x5e, 0, 0, 1 }, other[6] = { 2, 0, 0, 0, 0, 9 };
  lo_flags(0x41);
  msleep(20);
  E("stream", socket(AF_PACKET, SOCK_STREAM, 0));
  E("seqpacket", socket(AF_PACKET, SOCK_SEQPACKET, 0));
  int sv[2];
  E("pair", SC(socketpair, AF_PACKET, SOCK_RAW, 0, sv));
  int tx = socket(AF_PACKET, SOCK_RAW, 0), all = socket(AF_PACKET, SOCK_RAW, swap(ETH_P_ALL)), one = socket(AF_PACKET, SOCK_DGRAM, swap(0x88b5)), mute = socket(AF_PACKET, SOCK_DGRAM, 0);
  name(tx, "unbound");
  name(all, "all");
  V("SO_TYPE", ({ int v = 0, l = 4; getsockopt(one, SOL_SOCKET, 3, &v, &l); v; }));
  V("SO_DOMAIN", ({ int v = 0, l = 4; getsockopt(one, SOL_SOCKET, 39, &v, &l); v; }));
  V("SO_PROTOCOL", ({ int v = 7, l = 4; getsockopt(one, SOL_SOCKET, 38, &v, &l); v; }));
  // sending
  V("raw", to_lo(tx, frame, make(0x88b5, 60, 0), 0x88b5, 6));
  show(tx, "tx");
  show(all, "all");
  show(one, "one");
  show(mute, "mute");
  V("other protocol", to_lo(tx, frame, make(0x88b6, 30, bcast), 0x88b6, 6));
  show(all, "all");
  show(one, "one");
  V("own all", to_lo(all, frame, make(0x88b5, 14, group), 0, 6));
  show(all, "all");
  V("802.3", to_lo(tx, frame, make(46, 60, other), 0, 6));
  show(all, "all");
  V("ipx", ({ make(46, 60, other); frame[14] = frame[15] = 255; to_lo(tx, frame, 60, 0, 6); }));
  show(all, "all");
  V("cooked", to_lo(one, "hello, lo", 9, 0x88b5, 6));
  show(all, "all");
  show(one, "one");
  E("cooked without address", to_lo(one, "x", 1, 0x88b5, 5));
  E("cooked empty", to_lo(one, "", 0, 0x88b5, 6));
  E("too short", to_lo(tx, frame, 13, 0x88b5, 6));
  E("empty", to_lo(tx, frame, 0, 0x88b5, 6));
  E("no destination", send(tx, frame, 60, 0));
  E("connect", ({ struct sockaddr_ll a; memset(&a, 0, sizeof a); a.sll_family = AF_PACKET; SC(connect, tx, &a, sizeof a); }));
  E("peer", ({ struct sockaddr_ll a; int l = sizeof a; SC(getpeername, tx, &a, &l); }));
  E("shutdown", shutdown(tx, SHUT_RDWR));
  E("listen", listen(tx, 1));
  E("short address", ({ struct sockaddr_ll a; memset(&a, 0, sizeof a); a.sll_family = AF_PACKET; a.sll_ifindex = 1; SC(sendto, tx, frame, 60, 0, &a, 12); }));
  E("no device", ({ struct sockaddr_ll a; memset(&a, 0, sizeof a); a.sll_family = AF_PACKET; a.sll_ifindex = 4711; SC(sendto, tx, frame, 60, 0, &a, sizeof a); }));
  E("too long", ({ static u8 big[70000]; struct sockaddr_ll a; memset(&a, 0, sizeof a); a.sll_family = AF_PACKET; a.sll_ifindex = 1; a.sll_halen = 6; SC(sendto, tx, big, 65536 + 15, 0, &a, sizeof a); }));
  show(all, "nothing");
  // binding
  E("bind short", bind_ll(mute, AF_PACKET, 0, 1, 12));
  E("bind family", bind_ll(mute, AF_INET, 0, 1, sizeof(struct sockaddr_ll)));
  E("bind nowhere", bind_ll(mute, AF_PACKET, 0x88b5, 4711, sizeof(struct sockaddr_ll)));
  E("bind no protocol", bind_ll(mute, AF_PACKET, 0, 1, sizeof(struct sockaddr_ll)));
  name(mute, "mute");
  E("bind", bind_ll(mute, AF_PACKET, 0x88b7, 1, sizeof(struct sockaddr_ll)));
  name(mute, "bound");
  E("keep protocol", bind_ll(mute, AF_PACKET, 0, 0, sizeof(struct sockaddr_ll)));
  name(mute, "anywhere");
  E("again", bind_ll(mute, AF_PACKET, 0x88b7, 1, sizeof(struct sockaddr_ll)));
  V("bound raw", ({ E("bind tx", bind_ll(tx, AF_PACKET, 0, 1, sizeof(struct sockaddr_ll))); make(0x88b7, 64, 0); send(tx, frame, 64, 0); }));
  show(mute, "mute");
  show(all, "all");
  // reading
  V("peek", ({ make(0x88b7, 64, 0); send(tx, frame, 64, 0); recv(mute, b, 10, MSG_PEEK); }));
  V("FIONREAD", ({ int n = 0; ioctl(mute, 0x541b, &n); n; }));
  V("whole length", recv(mute, b, 10, MSG_TRUNC));
  E("gone", recv(mute, b, 10, MSG_DONTWAIT));
  int on = 1;
  E("auxdata", setsockopt(mute, SOL_PACKET, PACKET_AUXDATA, &on, 4));
  E("auxdata short", setsockopt(mute, SOL_PACKET, PACKET_AUXDATA, &on, 3));
  for (int raw = 0; raw < 2; raw++) {
    int s = raw ? socket(AF_PACKET, SOCK_RAW, swap(0x88b7)) : mute;
    if (raw) setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &on, 4);
    V("sent", send(tx, frame, 64, 0));
    struct iovec io = { b, 20 };
    char control[200];
    struct sockaddr_ll from;
    struct msghdr h = { &from, sizeof from, &io, 1, control, sizeof control, 0 };
    V("recvmsg", recvmsg(s, &h, MSG_DONTWAIT));
    struct cmsghdr *c = (void *)control;
    struct tpacket_auxdata *x = (void *)c->data;
    printf("flags %x namelen %d control %d level %d type %d status %x len %u snaplen %u mac %d net %d vlan %d\n", h.flags, h.namelen, (int)h.controllen, c->level, c->type, x->tp_status, x->tp_len,
      x->tp_snaplen, x->tp_mac, x->tp_net, x->tp_vlan_tci);
    if (raw) SC(close, s);
  }
  struct tpacket_stats st = { 77, 77 };
  int len = sizeof st;
  E("statistics", getsockopt(mute, SOL_PACKET, PACKET_STATISTICS, &st, &len));
  printf("len %d packets %u drops %u\n", len, st.tp_packets, st.tp_drops);
  E("statistics", getsockopt(mute, SOL_PACKET, PACKET_STATISTICS, &st, &len));
  printf("len %d packets %u drops %u\n", len, st.tp_packets, st.tp_drops);
  E("no such option", setsockopt(mute, SOL_PACKET, 4711, &on, 4));
  E("on others", setsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_PACKET, PACKET_AUXDATA, &on, 4));
  E("tcp option", setsockopt(mute, 6, 1, &on, 4));
  // what leaves
  show(all, "all");
  E("ignore outgoing", setsockopt(all, SOL_PACKET, 23, &on, 4));
  V("sent", send(tx, frame, 64, 0));
  show(all, "all");
  // memberships
  struct packet_mreq m = { 1, PACKET_MR_PROMISC, 0, "" };
  E("promiscuous", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  E("twice", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  E("drop", setsockopt(all, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m));
  E("drop", setsockopt(all, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m));
  E("drop what is not", setsockopt(all, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m));
  E("short", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, 8));
  m.mr_alen = 9;
  E("address too long", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  m.mr_alen = 8;
  E("longer than the device's", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  m.mr_type = PACKET_MR_MULTICAST;
  m.mr_alen = 5;
  E("multicast of five", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  m.mr_alen = 6;
  memcpy(m.mr_address, group, 6);
  E("multicast", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  m.mr_ifindex = 4711;
  E("nowhere", setsockopt(all, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  // lo goes down
  lo_flags(0);
  E("pending", recv(mute, b, 10, MSG_DONTWAIT));
  E("then", recv(mute, b, 10, MSG_DONTWAIT));
  E("unbound one", recv(all, b, 10, MSG_DONTWAIT));
  E("send", send(tx, frame, 64, 0));
  int late = socket(AF_PACKET, SOCK_RAW, 0);
  E("bind to what is down", bind_ll(late, AF_PACKET, 0x88b7, 1, sizeof(struct sockaddr_ll)));
  V("SO_ERROR", ({ int v = 0, l = 4; getsockopt(late, SOL_SOCKET, 4, &v, &l); v; }));
  lo_flags(0x41);
  msleep(20);
  V("up again", send(tx, frame, 64, 0));
  show(mute, "mute");
  show(late, "late");
  return 0;
}
