// rtnetlink(7): what getifaddrs(3) and ip(8) ask about the loopback: links, addresses, port ids, errors.
#include "net.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#define AF_NETLINK 16
#define SOCK_RAW 3
static void lo_up(void) {
  struct { char name[16]; short flags; char rest[22]; } r = { "lo", 0x41, "" };
  ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &r);
}
static char b[16384];
static void ask(int s, int type, int flags, int family, int index) {
  struct { struct nlmsghdr h; struct ifinfomsg i; } q;
  memset(&q, 0, sizeof q);
  q.h.nlmsg_len = sizeof q;
  q.h.nlmsg_type = type;
  q.h.nlmsg_flags = NLM_F_REQUEST | flags;
  q.h.nlmsg_seq = 77;
  q.i.ifi_family = family;
  q.i.ifi_index = index;
  struct sockaddr_nl a = { .nl_family = AF_NETLINK };
  long r = SC(sendto, s, &q, sizeof q, 0, &a, sizeof a);
  if (r != sizeof q) printf("sendto %s\n", err(r));
}
static void hear(int s, const char *label) {
  for (;;) {
    struct sockaddr_nl a;
    int len = sizeof a;
    long n = SC(recvfrom, s, b, sizeof b, MSG_DONTWAIT, &a, &len);
    if (n < 0) { printf("%s: %s\n", label, err(n)); return; }
    for (struct nlmsghdr *h = (void *)b; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
      printf("%s: type %d multi %d seq %u from %u len %d\n", label, h->nlmsg_type, (h->nlmsg_flags & NLM_F_MULTI) != 0, h->nlmsg_seq, a.nl_pid, len);
      if (h->nlmsg_type == NLMSG_ERROR) printf("  error %s\n", err(((struct nlmsgerr *)NLMSG_DATA(h))->error));
      if (h->nlmsg_type == RTM_NEWLINK) {
        struct ifinfomsg *i = NLMSG_DATA(h);
        printf("  type %d index %d up %d\n", i->ifi_type, i->ifi_index, i->ifi_flags & 1);
        int left = IFLA_PAYLOAD(h);
        for (struct rtattr *r = IFLA_RTA(i); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
          if (r->rta_type == IFLA_IFNAME) printf("  name %s\n", (char *)RTA_DATA(r));
          if (r->rta_type == IFLA_MTU) printf("  mtu %d\n", *(int *)RTA_DATA(r));
        }
        if (i->ifi_index != 1) return;
      }
      if (h->nlmsg_type == RTM_NEWADDR) {
        struct ifaddrmsg *i = NLMSG_DATA(h);
        printf("  family %d prefix %d scope %d index %d\n", i->ifa_family, i->ifa_prefixlen, i->ifa_scope, i->ifa_index);
        int left = IFA_PAYLOAD(h);
        for (struct rtattr *r = IFA_RTA(i); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
          if (r->rta_type == IFA_ADDRESS) { printf("  address"); for (int k = 0; k < (int)RTA_PAYLOAD(r); k++) printf(" %d", ((u8 *)RTA_DATA(r))[k]); printf("\n"); }
          if (r->rta_type == IFA_LABEL) printf("  label %s\n", (char *)RTA_DATA(r));
        }
      }
    }
  }
}
int main(void) {
  lo_up();
  msleep(20);
  E("stream", socket(AF_NETLINK, SOCK_STREAM, 0));
  int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), o = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  struct sockaddr_nl a = { .nl_family = AF_NETLINK }, q;
  int len = sizeof q;
  E("bind", SC(bind, s, &a, sizeof a));
  SC(getsockname, s, &q, &len);
  printf("len %d pid %d\n", len, q.nl_pid == (u32)getpid());
  a.nl_pid = getpid();
  E("taken", SC(bind, o, &a, sizeof a));
  E("short", SC(bind, o, &a, 4));
  a.nl_pid = 0;
  E("another", SC(bind, o, &a, sizeof a));
  len = sizeof q;
  SC(getsockname, o, &q, &len);
  printf("other pid %d\n", q.nl_pid != (u32)getpid());
  ask(s, RTM_GETLINK, 0, 0, 1);
  hear(s, "lo");
  ask(s, RTM_GETLINK, 0, 0, 4711);
  hear(s, "no link");
  ask(s, RTM_GETADDR, NLM_F_DUMP, AF_INET, 0);
  hear(s, "inet");
  ask(s, RTM_GETADDR, NLM_F_DUMP, 10, 0);
  hear(s, "inet6");
  E("truncated", (ask(s, RTM_GETLINK, 0, 0, 1), recv(s, b, 8, 0)));
}
