// netdevice(7) and rtnetlink(7) links: looking at lo and changing it, who may, what is told to listeners.
#include "net.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#define AF_NETLINK 16
#define AF_PACKET 17
#define SOCK_RAW 3
static int s;
struct ifreq { char name[16]; union { short flags; int value; u8 bytes[24]; } u; };
static struct ifreq r;
static long io(int cmd, const char *name) {
  memset(r.name, 0, 16);
  memcpy(r.name, name, strlen(name));
  return ioctl(s, cmd, &r);
}
static void get(const char *label, int cmd, const char *name, int bytes) {
  memset(&r, 0, sizeof r);
  long e = io(cmd, name);
  printf("%s: %s", label, err(e));
  for (int i = 0; e >= 0 && i < bytes; i++) printf(" %02x", r.u.bytes[i]);
  printf("\n");
}
static void set(const char *label, int cmd, const char *name, int value) {
  memset(&r, 0, sizeof r);
  r.u.value = value;
  E(label, io(cmd, name));
}
static char b[16384];
static int nl;
static struct { struct nlmsghdr h; struct ifinfomsg i; char attrs[200]; } q;
static void begin(int type, int flags, int index, unsigned ifi_flags, unsigned change) {
  memset(&q, 0, sizeof q);
  q.h.nlmsg_len = sizeof q.h + sizeof q.i;
  q.h.nlmsg_type = type;
  q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  q.h.nlmsg_seq = 5;
  q.i.ifi_index = index;
  q.i.ifi_flags = ifi_flags;
  q.i.ifi_change = change;
}
static void attr(int type, const void *data, int n) {
  struct rtattr *a = (void *)((char *)&q + q.h.nlmsg_len);
  a->rta_type = type;
  a->rta_len = 4 + n;
  memcpy(a + 1, data, n);
  q.h.nlmsg_len += (4 + n + 3) & ~3;
}
static void hear(int fd, const char *label) {
  for (;;) {
    long n = recv(fd, b, sizeof b, MSG_DONTWAIT);
    if (n < 0) { printf("%s: %s\n", label, err(n)); return; }
    for (struct nlmsghdr *h = (void *)b; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
      if (h->nlmsg_type == NLMSG_ERROR) { printf("%s: answer %s\n", label, err(((struct nlmsgerr *)NLMSG_DATA(h))->error)); continue; }
      if (h->nlmsg_type != RTM_NEWLINK) { printf("%s: type %d\n", label, h->nlmsg_type); continue; }
      struct ifinfomsg *i = NLMSG_DATA(h);
      printf("%s: link %d type %d flags %x change %x", label, i->ifi_index, i->ifi_type, i->ifi_flags, i->ifi_change);
      int left = IFLA_PAYLOAD(h);
      for (struct rtattr *a = IFLA_RTA(i); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        if (a->rta_type == IFLA_IFNAME) printf(" %s", (char *)RTA_DATA(a));
        if (a->rta_type == IFLA_MTU) printf(" mtu %d", *(int *)RTA_DATA(a));
        if (a->rta_type == IFLA_TXQLEN) printf(" qlen %d", *(int *)RTA_DATA(a));
        if (a->rta_type == IFLA_OPERSTATE) printf(" state %d", *(u8 *)RTA_DATA(a));
        if (a->rta_type == IFLA_QDISC) printf(" %s", (char *)RTA_DATA(a));
        if (a->rta_type == IFLA_PROMISCUITY) printf(" promiscuity %d", *(int *)RTA_DATA(a));
        if (a->rta_type == IFLA_CARRIER) printf(" carrier %d", *(u8 *)RTA_DATA(a));
        if (a->rta_type == IFLA_STATS64) printf(" stats64 %d", (int)RTA_PAYLOAD(a) >= 192);
      }
      printf("\n");
    }
  }
}
static void ask(const char *label) {
  send(nl, &q, q.h.nlmsg_len, 0);
  hear(nl, label);
}
static void file(const char *path) {
  char t[100];
  long fd = open(path, 0, 0), n = fd < 0 ? fd : read(fd, t, 99);
  if (fd >= 0) close(fd);
  if (n < 0) { printf("%s: %s\n", path, err(n)); return; }
  t[n] = 0;
  printf("%s: %s", path, t);
}
int main(void) {
  s = socket(AF_INET, SOCK_DGRAM, 0);
  set("up", 0x8914, "lo", 0x41);
  msleep(20);
  get("flags", 0x8913, "lo", 2);
  get("index", 0x8933, "lo", 4);
  get("mtu", 0x8921, "lo", 4);
  get("queue", 0x8942, "lo", 4);
  get("metric", 0x891d, "lo", 4);
  get("hardware", 0x8927, "lo", 8);
  get("map", 0x8970, "lo", 4);
  get("broadcast", 0x8919, "lo", 8);
  get("destination", 0x8917, "lo", 8);
  get("none", 0x8913, "eth9", 2);
  get("alias", 0x8913, "lo:7", 2);
  get("ethtool", 0x8946, "eth9", 0);
  memset(&r, 0, sizeof r);
  r.u.value = 1; // SIOCGIFNAME: an index
  E("name", ioctl(s, 0x8910, &r));
  memset(&r, 0, sizeof r);
  *(int *)r.u.bytes = 1;
  printf("name: %s %s\n", err(ioctl(s, 0x8910, &r)), r.name);
  // changing
  set("mtu 1500", 0x8922, "lo", 1500);
  get("mtu", 0x8921, "lo", 4);
  set("mtu -1", 0x8922, "lo", -1);
  set("mtu back", 0x8922, "lo", 65536);
  set("queue 77", 0x8943, "lo", 77);
  get("queue", 0x8942, "lo", 4);
  set("queue -1", 0x8943, "lo", -1);
  set("queue back", 0x8943, "lo", 1000);
  set("hardware", 0x8924, "lo", 772);
  memset(&r, 0, sizeof r);
  r.u.bytes[0] = 4;
  r.u.bytes[1] = 3;
  r.u.bytes[2] = 1;
  E("a group's", io(0x8924, "lo"));
  r.u.bytes[0] = 1;
  r.u.bytes[1] = 0;
  E("another type's", io(0x8924, "lo"));
  set("of nobody", 0x8922, "eth9", 1500);
  set("promiscuous", 0x8914, "lo", 0x141);
  get("flags", 0x8913, "lo", 2);
  set("not any more", 0x8914, "lo", 0x41);
  get("flags", 0x8913, "lo", 2);
  memset(&r, 0, sizeof r);
  memcpy(r.u.bytes, "a/b", 3);
  E("name with a slash", io(0x8923, "lo"));
  // netlink
  nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  int ears = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), one = 1, bad = 0, sol = 270;
  E("join", setsockopt(ears, sol, NETLINK_ADD_MEMBERSHIP, &one, 4));
  E("join none", setsockopt(ears, sol, NETLINK_ADD_MEMBERSHIP, &bad, 4));
  struct sockaddr_nl me = { .nl_family = AF_NETLINK, .nl_groups = 1 };
  E("bind", SC(bind, ears, &me, sizeof me));
  int mtu = 9000, qlen = 5;
  begin(RTM_NEWLINK, 0, 1, 0, 0);
  attr(IFLA_MTU, &mtu, 4);
  ask("mtu");
  begin(RTM_SETLINK, 0, 1, 0, 0);
  attr(IFLA_TXQLEN, &qlen, 4);
  ask("queue");
  begin(RTM_GETLINK, 0, 1, 0, 0);
  ask("get");
  begin(RTM_GETLINK, 0, 0, 0, 0);
  attr(IFLA_IFNAME, "lo", 3);
  ask("by name");
  begin(RTM_GETLINK, 0, 0, 0, 0);
  attr(IFLA_IFNAME, "eth9", 5);
  ask("nobody");
  begin(RTM_NEWLINK, 0, 1, 0x100, 0x100);
  ask("promiscuous");
  begin(RTM_NEWLINK, 0, 1, 0, 0x100);
  ask("no more");
  begin(RTM_NEWLINK, 0, 4711, 1, 1);
  ask("nowhere");
  begin(RTM_NEWLINK, NLM_F_EXCL | NLM_F_CREATE, 1, 1, 1);
  ask("exclusive");
  begin(RTM_NEWLINK, 0, 1, 0, 0);
  attr(IFLA_ADDRESS, "\2\0\0\0\0\1", 6);
  ask("address of lo");
  begin(RTM_NEWLINK, 0, 1, 0, 0);
  mtu = 65536;
  qlen = 1000;
  attr(IFLA_MTU, &mtu, 4);
  attr(IFLA_TXQLEN, &qlen, 4);
  ask("back");
  hear(ears, "ears");
  begin(RTM_NEWLINK, 0, 1, 0, 1);
  ask("down");
  hear(ears, "ears");
  get("flags", 0x8913, "lo", 2);
  begin(RTM_NEWLINK, 0, 1, 1, 1);
  ask("up");
  hear(ears, "ears");
  E("leave", setsockopt(ears, sol, NETLINK_DROP_MEMBERSHIP, &one, 4));
  set("up", 0x8914, "lo", 0x41);
  set("mtu", 0x8922, "lo", 1501);
  set("mtu", 0x8922, "lo", 65536);
  hear(ears, "deaf");
  // nobody special
  must(SC(setresuid, 1000, 1000, 1000));
  E("packet socket", socket(AF_PACKET, SOCK_RAW, 0));
  get("flags", 0x8913, "lo", 2);
  set("set flags", 0x8914, "lo", 0);
  set("set mtu", 0x8922, "lo", 1000);
  set("of nobody", 0x8922, "eth9", 1000);
  begin(RTM_NEWLINK, 0, 1, 0, 1);
  ask("down");
  return 0;
}
