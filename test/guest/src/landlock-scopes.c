// landlock(7): TCP ports, signals and abstract UNIX sockets out of scope, ptrace between domains.
#include "landlock.h"
#include "net.h"
#include <linux/ptrace.h>
#include <linux/in.h>
static long tcp(int port, int what) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = __builtin_bswap16(port), .sin_addr = { 0x0100007f } };
  long r = what == BIND_TCP ? SC(bind, s, &a, sizeof a) : SC(connect, s, &a, sizeof a);
  close(s);
  return r;
}
static int ports(void *a) {
  int rs = ll_new(0, BIND_TCP | CONNECT_TCP, 0);
  ll_port(rs, 7001, BIND_TCP);
  ll_port(rs, 7002, CONNECT_TCP);
  E("enter", ll_enter(rs));
  E("bind 7001", tcp(7001, BIND_TCP));
  E("bind 7002", tcp(7002, BIND_TCP));
  E("bind 0", tcp(0, BIND_TCP));
  E("connect 7001", tcp(7001, CONNECT_TCP));
  E("connect 7002", tcp(7002, CONNECT_TCP));
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in u = { .sin_family = AF_INET, .sin_port = __builtin_bswap16(7005), .sin_addr = { 0x0100007f } };
  E("udp is free", SC(bind, s, &u, sizeof u));
  E("files are free", open("/proc/self/status", O_RDONLY) >= 0 ? 0 : -1);
  return 0;
}
static void lo_up(void) {
  struct {
    char name[16];
    short flags;
    char rest[22];
  } r = { "lo", 0x41, "" };
  ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &r);
}
static struct gate ready, go, end;
static int sleeper(void *a) {
  gate_open(&ready);
  gate_wait(a ? &end : &go);
  return 0;
}
static int restricted_sleeper(void *a) {
  ll_enter(ll_new(0, 0, SCOPE_SIGNAL));
  return sleeper(a);
}
static int signals(void *a) {
  long outside = (long)a;
  long older = spawn(sleeper, 0);
  gate_wait(&ready);
  ll_enter(ll_new(0, 0, SCOPE_SIGNAL));
  E("parent", kill(getppid(), 0));
  E("outside", kill(outside, 0));
  E("child from before", kill(older, 0));
  E("self", kill(getpid(), 0));
  long younger = spawn(sleeper, 0);
  gate_wait(&ready);
  E("child", kill(younger, 0));
  long below = spawn(restricted_sleeper, 0);
  gate_wait(&ready);
  E("child with more restrictions", kill(below, 0));
  E("attach outside", SC(ptrace, PTRACE_SEIZE, outside, 0, 0));
  E("attach child", SC(ptrace, PTRACE_SEIZE, younger, 0, 0));
  E("attach below", SC(ptrace, PTRACE_SEIZE, below, 0, 0));
  for (int i = 0; i < 3; i++) gate_open(&go);
  waitpid(older, NULL, 0);
  waitpid(younger, NULL, 0);
  waitpid(below, NULL, 0);
  return 0;
}
static struct sockaddr_un name = { AF_UNIX, "\0landlock" };
#define NAME_LEN (2 + 9)
static int connect_out(void *a) {
  int inner = socket(AF_UNIX, SOCK_STREAM, 0);
  ll_enter(ll_new(0, 0, SCOPE_UNIX));
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  E("connect out", SC(connect, s, &name, NAME_LEN));
  E("connect a socket from before", SC(connect, inner, &name, NAME_LEN));
  struct sockaddr_un mine = { AF_UNIX, "\0own" };
  int l = socket(AF_UNIX, SOCK_STREAM, 0);
  SC(bind, l, &mine, 6);
  SC(listen, l, 1);
  E("connect in", SC(connect, s, &mine, 6));
  struct sockaddr_un file = { AF_UNIX, "sock" };
  int f = socket(AF_UNIX, SOCK_STREAM, 0);
  E("path names are free", SC(connect, f, &file, sizeof file));
  return 0;
}
int main(void) {
  lo_up();
  ready = gate();
  go = gate();
  end = gate();
  reap("ports", spawn(ports, 0));
  long outside = spawn(sleeper, &end);
  gate_wait(&ready);
  reap("signals", spawn(signals, (void *)outside));
  gate_open(&end);
  reap("outside", outside);
  int l = socket(AF_UNIX, SOCK_STREAM, 0);
  SC(bind, l, &name, NAME_LEN);
  SC(listen, l, 4);
  int p = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un file = { AF_UNIX, "sock" };
  SC(bind, p, &file, sizeof file);
  SC(listen, p, 4);
  reap("connect", spawn(connect_out, 0));
}
