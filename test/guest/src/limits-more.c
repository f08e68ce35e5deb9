// How many System V objects, POSIX queues, mappings, filters and Landlock rules an ordinary user can make: until the kernel says no (limits.c has the rest).
// oracle: man
#include "t.h"
#include <linux/ipc.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/prctl.h>
#define MANY 300000

/** The errno that ends it; "none" is what must not be. */
static void row(const char *name, long r, long made) { printf("%s: %s%s\n", name, r < 0 ? err(r) : "none", made > 0 ? "" : " at once"); }

static void maps(void) {
  long r = 0, n = 0;
  while (n < MANY && (r = SC(mmap, 0, 4096, n & 1 ? 1 : 3, 0x22, -1, 0)) >= 0) n++;
  row("mappings", r, n);
}

static void filters(void) {
  static struct sock_filter code[4096];
  for (int i = 0; i < 4096; i++) code[i] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW };
  struct sock_fprog program = { 4096, code };
  long r = 0, n = 0;
  SC(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  while (n < 1000 && (r = SC(seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) >= 0) n++;
  row("filters", r, n);
}

static void rules(void) {
  struct { u64 fs, net; } ruleset = { 1, 1 };
  int fd = SC(landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
  struct { u64 access; int fd; } __attribute__((packed)) here = { 1, openat(AT_FDCWD, ".", O_PATH, 0) };
  E("a first rule", SC(landlock_add_rule, fd, 1, &here, 0));
  long r = 0, n = 0;
  for (; n < 65536; n++) {
    struct { u64 access, port; } rule = { 1, n };
    if ((r = SC(landlock_add_rule, fd, 2, &rule, 0)) < 0) break;
  }
  row("Landlock rules", r, n);
  n = 0;
  SC(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ruleset.net = 0;
  fd = SC(landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
  while (n < MANY && (r = SC(landlock_restrict_self, fd, 0)) >= 0) n++;
  row("Landlock layers", r, n);
}

static int ids[MANY];

int main(void) {
  SC(setresgid, 1000, 1000, 1000);
  SC(setresuid, 1000, 1000, 1000);
  long r = 0, n = 0;
  while (n < MANY && (r = SC(shmget, IPC_PRIVATE, 4096, 0600)) >= 0) ids[n++] = r;
  row("shared memory segments", r, n);
  for (long i = 0; i < n; i++) SC(shmctl, ids[i], IPC_RMID, 0);
  n = 0;
  while (n < MANY && (r = SC(msgget, IPC_PRIVATE, 0600)) >= 0) ids[n++] = r;
  row("message queues", r, n);
  for (long i = 0; i < n; i++) SC(msgctl, ids[i], IPC_RMID, 0);
  n = 0;
  while (n < MANY && (r = SC(semget, IPC_PRIVATE, 1, 0600)) >= 0) ids[n++] = r;
  row("semaphore sets", r, n);
  for (long i = 0; i < n; i++) SC(semctl, ids[i], 0, IPC_RMID, 0);
  n = 0;
  while (n < MANY) {
    char name[16];
    struct { long flags, max, size, cur, r[4]; } a = { 0, 10, 8192 };
    snprintf(name, sizeof name, "q%ld", n);
    if ((r = SC(mq_open, name, O_CREAT | O_RDWR, 0600, &a)) < 0) break;
    n++;
  }
  row("POSIX queues", r, n);
  for (long i = 0; i < n; i++) {
    char name[16];
    snprintf(name, sizeof name, "q%ld", i);
    SC(mq_unlink, name);
  }
  rules();
  filters();
  maps();
  return 0;
}
