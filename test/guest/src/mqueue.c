// mq_overview(7): POSIX message queues: limits, priorities, waiting, timeouts, notification, names.
#include "t.h"
#include <linux/mqueue.h>
#define mq_send(q, s, n, p) SC(mq_timedsend, q, s, n, p, 0)
#define mq_receive(q, b, n, p) SC(mq_timedreceive, q, b, n, p, 0)
static volatile int told;
static void handler(int sig) { told++; }
int main(void) {
  struct mq_attr a = { .mq_maxmsg = 2, .mq_msgsize = 8 }, r;
  char b[16];
  u32 p = 0;
  E("missing", SC(mq_open, "kspaceq", O_RDWR, 0, 0));
  E("slash", SC(mq_open, "a/b", O_RDWR | O_CREAT, 0600, 0));
  struct mq_attr bad = { .mq_maxmsg = 0, .mq_msgsize = 8 };
  E("no room", SC(mq_open, "kspaceq", O_RDWR | O_CREAT, 0600, &bad));
  int q = SC(mq_open, "kspaceq", O_RDWR | O_CREAT | O_EXCL, 0600, &a);
  printf("open %d cloexec %ld\n", q >= 0, fcntl(q, F_GETFD));
  E("exists", SC(mq_open, "kspaceq", O_RDWR | O_CREAT | O_EXCL, 0600, &a));
  E("send", mq_send(q, "low", 3, 1));
  E("send", mq_send(q, "high", 4, 9));
  E("too long", mq_send(q, "too long!", 9, 1));
  E("priority", mq_send(q, "x", 1, 40000));
  struct timespec past = { 1, 0 }, odd = { 1, -1 };
  E("full, late", SC(mq_timedsend, q, "x", 1, 0, &past));
  E("full, odd", SC(mq_timedsend, q, "x", 1, 0, &odd));
  SC(mq_getsetattr, q, 0, &r);
  printf("flags %ld max %ld size %ld now %ld\n", (long)r.mq_flags, (long)r.mq_maxmsg, (long)r.mq_msgsize, (long)r.mq_curmsgs);
  E("small buffer", mq_receive(q, b, 4, &p));
  V("receive", mq_receive(q, b, 16, &p));
  printf("priority %u\n", p);
  V("receive", mq_receive(q, b, 16, &p));
  printf("priority %u\n", p);
  r.mq_flags = O_NONBLOCK;
  E("setattr", SC(mq_getsetattr, q, &r, 0));
  E("empty", mq_receive(q, b, 16, 0));
  r.mq_flags = 0;
  SC(mq_getsetattr, q, &r, 0);
  long c = fork();
  if (c == 0) {
    V("child", mq_receive(q, b, 16, 0));
    exit(0);
  }
  await_state(c, 'S');
  mq_send(q, "wake", 4, 0);
  reap("child", c);
  sigact(SIGUSR1, handler, 0, 0);
  struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
  E("notify", SC(mq_notify, q, &ev));
  E("busy", SC(mq_notify, q, &ev));
  mq_send(q, "1", 1, 0);
  mq_send(q, "2", 1, 0);
  printf("told %d\n", told);
  E("read only", mq_send(SC(mq_open, "kspaceq", O_RDONLY, 0, 0), "x", 1, 0));
  E("not a queue", mq_send(1, "x", 1, 0));
  E("unlink", SC(mq_unlink, "kspaceq"));
  E("again", SC(mq_unlink, "kspaceq"));
  V("still there", mq_receive(q, b, 16, 0));
}
