// keyrings(7): add_key(2), request_key(2), keyctl(2): making, finding, reading, updating, permissions and possession, links and cycles, revoking,
// timeouts; what fork and exec keep.
#include "t.h"
#include <linux/keyctl.h>
#define K(op, ...) SC(keyctl, KEYCTL_##op, ##__VA_ARGS__)
#define ADD(type, name, text, ring) SC(add_key, type, name, text, strlen(text), ring)
#undef THREAD
#define THREAD KEY_SPEC_THREAD_KEYRING
#define PROC KEY_SPEC_PROCESS_KEYRING
#define SESSION KEY_SPEC_SESSION_KEYRING
#undef E
#define E(label, r) ({ long r_ = (r); printf("%s: %s\n", label, r_ == -126 ? "ENOKEY" : r_ == -127 ? "EKEYEXPIRED" : r_ == -128 ? "EKEYREVOKED" : err(r_)); })
static void show(const char *label, long key) {
  char b[200] = "";
  long n = K(DESCRIBE, key, b, sizeof b);
  if (n < 0) E(label, n);
  else printf("%s: [%s] %ld\n", label, b, n);
}
static void text(const char *label, long key) {
  char b[64] = "";
  long n = K(READ, key, b, sizeof b);
  if (n < 0) E(label, n);
  else printf("%s: [%s] %ld\n", label, b, n);
}
static int stranger(void *a) {
  long key = (long)a;
  K(JOIN_SESSION_KEYRING, NULL);
  SC(setresgid, 50, 50, 50);
  SC(setresuid, 50, 50, 50);
  K(JOIN_SESSION_KEYRING, NULL);
  show("stranger describes", key);
  text("stranger reads", key);
  E("stranger updates", K(UPDATE, key, "x", 1));
  E("stranger revokes", K(REVOKE, key));
  E("stranger links", K(LINK, key, THREAD));
  E("stranger sets permissions", K(SETPERM, key, 0x3f3f3f3f));
  return 0;
}
static int child(void *a) {
  E("session's key in the child", SC(request_key, "user", "kept", NULL, 0));
  E("process' key in the child", SC(request_key, "user", "dropped", NULL, 0));
  char *argv[] = { "prog", "again", NULL };
  return execve("/tmp/prog", argv, environ);
}
static int quota(void *a) {
  SC(setresuid, 60, 60, 60);
  K(JOIN_SESSION_KEYRING, NULL);
  int n = 0;
  long r;
  char name[16];
  do {
    snprintf(name, sizeof name, "k%d", n);
    r = ADD("user", name, "v", SESSION);
  } while (r > 0 && ++n < 300);
  printf("%s keys, then %s\n", n > 150 && n < 210 ? "about 200" : "other", r == -122 ? "EDQUOT" : err(r));
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    E("after exec, session", SC(request_key, "user", "kept", NULL, 0));
    E("after exec, process", SC(request_key, "user", "dropped", NULL, 0));
    return 0;
  }
  E("join", K(JOIN_SESSION_KEYRING, NULL));
  show("session", SESSION);
  E("no process ring", K(GET_KEYRING_ID, PROC, 0));
  E("make process ring", K(GET_KEYRING_ID, PROC, 1));
  show("process ring", PROC);
  show("thread ring", THREAD);
  show("user ring", KEY_SPEC_USER_KEYRING);
  E("group ring", K(GET_KEYRING_ID, KEY_SPEC_GROUP_KEYRING, 0));
  E("nonsense", K(GET_KEYRING_ID, -99, 0));
  long key = ADD("user", "name", "secret", SESSION);
  E("add", key);
  show("key", key);
  text("read", key);
  V("length only", K(READ, key, NULL, 0));
  E("find", SC(request_key, "user", "name", NULL, 0) == key ? 0 : -1);
  E("find other", SC(request_key, "user", "other", NULL, 0));
  E("the same again", ADD("user", "name", "newer", SESSION) == key ? 0 : -1);
  text("read", key);
  E("update", K(UPDATE, key, "third", 5));
  text("read", key);
  E("update with nothing", K(UPDATE, key, "", 0));
  E("update with less than nothing", K(UPDATE, key, "", -1));
  // What add_key refuses.
  E("empty payload", ADD("user", "e", "", SESSION));
  E("no description", SC(add_key, "user", NULL, "x", 1, SESSION));
  E("empty description", ADD("user", "", "x", SESSION));
  E("unknown type", ADD("nonsense", "e", "x", SESSION));
  E("dot type", ADD(".user", "e", "x", SESSION));
  E("dot ring", ADD("keyring", ".r", "", SESSION));
  E("ring with payload", ADD("keyring", "r", "x", SESSION));
  E("logon without colon", ADD("logon", "e", "x", SESSION));
  E("into a key", ADD("user", "e", "x", key));
  E("into nothing", ADD("user", "e", "x", 12345678));
  E("too long", SC(add_key, "user", "e", "x", 1 << 20, SESSION));
  E("bad pointer", SC(add_key, "user", "e", 8, 10, SESSION));
  long logon = ADD("logon", "a:b", "x", SESSION);
  E("logon", logon);
  show("logon", logon);
  text("logon", logon);
  // Rings.
  long r1 = ADD("keyring", "r1", "", SESSION), r2 = ADD("keyring", "r2", "", r1);
  show("ring", r1);
  E("cycle", K(LINK, r1, r2));
  E("itself", K(LINK, r1, r1));
  long deep = ADD("user", "deep", "d", r2);
  E("search", K(SEARCH, SESSION, "user", "deep", 0) == deep ? 0 : -1);
  E("search a key", K(SEARCH, key, "user", "deep", 0));
  E("search and link", K(SEARCH, SESSION, "user", "deep", PROC) == deep ? 0 : -1);
  E("unlink", K(UNLINK, deep, r2));
  E("unlink again", K(UNLINK, deep, r2));
  E("still linked", SC(request_key, "user", "deep", NULL, 0) == deep ? 0 : -1);
  E("move", K(MOVE, deep, PROC, r1, 0));
  E("move what is not there", K(MOVE, deep, PROC, r1, 0));
  int serials[4];
  V("ring bytes", K(READ, r1, serials, sizeof serials));
  printf("contents %s\n", serials[0] == r2 && serials[1] == deep ? "right" : "wrong");
  E("clear", K(CLEAR, r1));
  V("ring bytes", K(READ, r1, serials, sizeof serials));
  E("clear a key", K(CLEAR, key));
  // Permissions.
  E("setperm", K(SETPERM, key, 0x3f010000));
  E("bad mask", K(SETPERM, key, 0x40000000));
  reap("stranger", spawn(stranger, (void *)key));
  E("for others", K(SETPERM, key, 0x3f010003));
  reap("stranger", spawn(stranger, (void *)key));
  E("nothing", K(SETPERM, key, 0));
  text("read", key);
  show("describe", key);
  // Ends.
  long temp = ADD("user", "temp", "x", SESSION);
  E("revoke", K(REVOKE, temp));
  text("read revoked", temp);
  E("request revoked", SC(request_key, "user", "temp", NULL, 0));
  long brief = ADD("user", "brief", "x", SESSION);
  E("timeout", K(SET_TIMEOUT, brief, 1));
  text("read", brief);
  msleep(1300);
  text("read expired", brief);
  long inv = ADD("user", "inv", "x", SESSION);
  E("invalidate", K(INVALIDATE, inv));
  E("instantiate", K(INSTANTIATE, inv, "x", 1, 0));
  E("unknown operation", SC(keyctl, 999));
  // Inheritance.
  ADD("user", "kept", "x", SESSION);
  ADD("user", "dropped", "x", PROC);
  E("own", SC(request_key, "user", "dropped", NULL, 0));
  reap("child", spawn(child, 0));
  reap("quota", spawn(quota, 0));
}
