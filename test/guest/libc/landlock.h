// landlock(7) for guest tests: the structs of ABI 7, whatever the headers know.
#pragma once
#include "t.h"
#include <linux/prctl.h>
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif
struct ll_ruleset { u64 fs, net, scoped; };
struct ll_path { u64 allowed; int fd; } __attribute__((packed));
struct ll_port { u64 allowed, port; };
enum { EXECUTE = 1, WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8, REMOVE_DIR = 0x10, REMOVE_FILE = 0x20, MAKE_CHAR = 0x40, MAKE_DIR = 0x80, MAKE_REG = 0x100,
  MAKE_SOCK = 0x200, MAKE_FIFO = 0x400, MAKE_BLOCK = 0x800, MAKE_SYM = 0x1000, REFER = 0x2000, TRUNCATE = 0x4000, IOCTL_DEV = 0x8000, ALL_FS = 0xffff };
enum { BIND_TCP = 1, CONNECT_TCP = 2 };
enum { SCOPE_UNIX = 1, SCOPE_SIGNAL = 2 };
static inline long ll_new(u64 fs, u64 net, u64 scoped) {
  struct ll_ruleset r = { fs, net, scoped };
  return SC(landlock_create_ruleset, &r, sizeof r, 0);
}
static inline long ll_path(int rs, const char *path, u64 allowed) {
  struct ll_path p = { allowed, open(path, O_PATH | O_CLOEXEC) };
  long r = SC(landlock_add_rule, rs, 1, &p, 0);
  close(p.fd);
  return r;
}
static inline long ll_port(int rs, u64 port, u64 allowed) {
  struct ll_port p = { allowed, port };
  return SC(landlock_add_rule, rs, 2, &p, 0);
}
static inline long ll_enter(int rs) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  long r = SC(landlock_restrict_self, rs, 0);
  close(rs);
  return r;
}
