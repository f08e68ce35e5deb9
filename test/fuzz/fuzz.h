// What the fuzzers share: a seedable generator (xorshift64*), hostile values, children that are watched and ended.
#pragma once
#include "t.h"

static u64 fuzz_state;
static inline u64 rnd(void) {
  fuzz_state ^= fuzz_state >> 12;
  fuzz_state ^= fuzz_state << 25;
  fuzz_state ^= fuzz_state >> 27;
  return fuzz_state * 0x2545f4914f6cdd1dul;
}
static inline u64 below(u64 n) { return rnd() % n; }
static inline void seed(u64 s) {
  fuzz_state = s * 0x9e3779b97f4a7c15ul + 1;
  for (int i = 0; i < 8; i++) rnd();
}
static inline long number(const char *s, long otherwise) { return s == NULL ? otherwise : atol(s); }

/** A tmpfs of our own: what is left lying about there goes with it. */
static inline void private_world(void) {
  must(SC(mount, "none", "/tmp", "tmpfs", 0, "mode=1777"));
  must(chdir("/tmp"));
}
static inline void leave_world(void) {
  chdir("/");
  SC(umount2, "/tmp", 2);
}
/** Waits for `pid` at most `ms`, then kills it. Answers the wait status. */
static inline int end_within(long pid, long ms) {
  int st = 0;
  for (long t = now_ms(); now_ms() - t < ms; msleep(2))
    if (waitpid(pid, &st, WNOHANG) == pid) return st;
  kill(pid, SIGKILL);
  while (waitpid(pid, &st, 0) == -EINTR);
  return st;
}
/** Reaps everything that was orphaned to us (we are a subreaper). What still lives belongs to uid 1000 and is killed by one of its own. */
static inline void reap_orphans(void) {
  for (int i = 0; i < 200; i++) {
    long r = waitpid(-1, 0, WNOHANG | __WALL);
    if (r == -ECHILD) return;
    if (r > 0) continue;
    if (fork() == 0) {
      SC(setresuid, 1000, 1000, 1000);
      kill(-1, SIGKILL);
      exit(0);
    }
    msleep(1);
  }
}
