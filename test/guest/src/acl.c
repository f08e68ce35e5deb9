// acl(5): access checks by named users and groups under the mask, the mode that goes with a list, chmod, default lists and what is made beneath
// them, who may set one, values that are refused.
#include "t.h"
#define SET(p, n, v, l) SC(setxattr, p, n, v, l, 0)
#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"
struct entry { u16 tag, perm; u32 id; };
struct acl { u32 version; struct entry e[8]; } __attribute__((packed));
#define UO(p) { 1, p, -1 }
#define U(id, p) { 2, p, id }
#define GO(p) { 4, p, -1 }
#define G(id, p) { 8, p, id }
#define M(p) { 16, p, -1 }
#define O(p) { 32, p, -1 }
#define ACL(path, name, ...) ({ struct entry l_[] = { __VA_ARGS__ }; struct acl a_ = { 2 }; memcpy(a_.e, l_, sizeof l_); SET(path, name, &a_, 4 + sizeof l_); })
static void show(const char *path, const char *name) {
  struct acl a = { 0 };
  long n = SC(getxattr, path, name, &a, sizeof a);
  if (n < 0) { printf("%s: %s\n", path, err(n)); return; }
  char b[200];
  int at = snprintf(b, sizeof b, "%s:", path);
  for (int i = 0; i < (n - 4) / 8; i++) at += snprintf(b + at, sizeof b - at, " %d/%d:%d", a.e[i].tag, (int)a.e[i].id, a.e[i].perm);
  printf("%s\n", b);
}
static void mode(const char *path) {
  struct stat st;
  lstat_(path, &st);
  printf("%s mode %o\n", path, st.st_mode & 07777);
}
struct who { int uid, gid, group; };
static int probe(void *a) {
  struct who *w = a;
  u32 groups[1] = { w->group };
  SC(setgroups, w->group ? 1 : 0, groups);
  SC(setresgid, w->gid, w->gid, w->gid);
  SC(setresuid, w->uid, w->uid, w->uid);
  printf("uid %d gid %d group %d: read %s", w->uid, w->gid, w->group, err(open("f", O_RDONLY)));
  printf(", write %s, both %s\n", err(open("f", O_WRONLY)), err(open("f", O_RDWR)));
  return 0;
}
static void ask(int uid, int gid, int group) {
  struct who w = { uid, gid, group };
  long pid = fork();
  if (pid == 0) exit(probe(&w));
  waitpid(pid, NULL, 0);
}
static int stranger(void *a) {
  SC(setresuid, 50, 50, 50);
  E("set by a stranger", ACL("f", ACCESS, UO(7), GO(7), O(7)));
  E("removed by a stranger", SC(removexattr, "f", ACCESS));
  show("f", ACCESS);
  return 0;
}
int main(void) {
  put("f", "text");
  chown("f", 10, 20);
  chmod("f", 0640);
  show("f", ACCESS);
  E("named", ACL("f", ACCESS, UO(6), U(11, 6), U(12, 4), U(13, 0), GO(4), G(21, 6), G(22, 2), M(6), O(0)));
  mode("f");
  show("f", ACCESS);
  ask(10, 10, 0);
  ask(11, 10, 0);
  ask(12, 10, 0);
  ask(13, 20, 0);
  ask(14, 20, 0);
  ask(14, 21, 0);
  ask(14, 10, 22);
  ask(14, 20, 22);
  ask(14, 10, 0);
  E("chmod 604", chmod("f", 0604));
  show("f", ACCESS);
  mode("f");
  ask(11, 10, 0);
  ask(14, 10, 0);
  E("chmod 664", chmod("f", 0664));
  show("f", ACCESS);
  ask(11, 10, 0);
  reap("stranger", spawn(stranger, 0));
  char names[200];
  printf("names %ld [%s]\n", SC(listxattr, "f", names, sizeof names), names);
  E("minimal", ACL("f", ACCESS, UO(7), GO(5), O(1)));
  show("f", ACCESS);
  mode("f");
  E("default on a file", ACL("f", DEFAULT, UO(7), GO(5), O(1)));
  E("remove none", SC(removexattr, "f", ACCESS));
  // What is refused.
  E("no mask", ACL("f", ACCESS, UO(7), U(1, 7), GO(5), O(1)));
  E("no owner", ACL("f", ACCESS, GO(5), O(1)));
  E("order", ACL("f", ACCESS, GO(5), UO(7), O(1)));
  E("twice", ACL("f", ACCESS, UO(7), GO(5), GO(5), O(1)));
  E("permission 8", ACL("f", ACCESS, UO(8), GO(5), O(1)));
  E("tag 3", ACL("f", ACCESS, UO(7), { 3, 7, 1 }, GO(5), O(1)));
  struct acl bad = { 1, { UO(7), GO(7), O(7) } };
  E("version", SET("f", ACCESS, &bad, 28));
  bad.version = 2;
  E("half an entry", SET("f", ACCESS, &bad, 24));
  E("short", SET("f", ACCESS, &bad, 2));
  symlink("f", "l");
  E("on a link", SC(lsetxattr, "l", ACCESS, &bad, 28, 0));
  // Default lists.
  umask(077);
  mkdir("d", 0755);
  E("default", ACL("d", DEFAULT, UO(7), U(11, 7), GO(5), M(7), O(5)));
  show("d", DEFAULT);
  show("d", ACCESS);
  put("d/f", "");
  show("d/f", ACCESS);
  mode("d/f");
  close(open("d/x", O_CREAT | O_WRONLY, 0777));
  show("d/x", ACCESS);
  mkdir("d/sub", 0777);
  mode("d/sub");
  show("d/sub", ACCESS);
  show("d/sub", DEFAULT);
  mkfifo("d/p", 0666);
  mode("d/p");
  symlink("x", "d/l");
  E("minimal default", ACL("d", DEFAULT, UO(7), GO(5), O(0)));
  close(open("d/y", O_CREAT | O_WRONLY, 0666));
  mode("d/y");
  show("d/y", ACCESS);
  E("remove default", SC(removexattr, "d", DEFAULT));
  close(open("d/z", O_CREAT | O_WRONLY, 0666));
  mode("d/z");
}
