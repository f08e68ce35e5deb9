// inotify(7): events of a directory and a file in order, rename cookies, masks, IN_ONESHOT, IN_IGNORED, coalescing, errors.
#include "t.h"
#include <linux/inotify.h>
static int fd;
static void drain(const char *l) {
  char b[4096] __attribute__((aligned(8)));
  long r = read(fd, b, sizeof b);
  printf("%s:", l);
  u32 cookie = 0;
  if (r < 0) {
    printf(" %s\n", err(r));
    return;
  }
  for (long at = 0; at < r;) {
    struct inotify_event *e = (void *)(b + at);
    if (e->cookie) {
      if (cookie == 0)
        cookie = e->cookie;
      else
        printf(" cookie-match %d", cookie == e->cookie);
    }
    printf(" %d:%x(%s)%u", e->wd, e->mask, e->len ? e->name : "", e->len);
    at += sizeof *e + e->len;
  }
  printf("\n");
}
int main(void) {
  fd = SC(inotify_init1, O_NONBLOCK);
  mkdir("d", 0755);
  put("f", "x");
  V("add dir", SC(inotify_add_watch, fd, "d", IN_ALL_EVENTS));
  V("add file", SC(inotify_add_watch, fd, "f", IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF));
  V("same again", SC(inotify_add_watch, fd, "./f", IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF));
  drain("none");
  int x = open("d/x", O_WRONLY | O_CREAT, 0644);
  drain("create");
  write(x, "1", 1);
  write(x, "2", 1);
  drain("modify coalesced");
  close(x);
  drain("close");
  mkdir("d/sub", 0755);
  drain("mkdir");
  rename("d/x", "d/y");
  drain("rename");
  rename("d/y", "z");
  drain("moved out");
  rename("z", "d/w");
  drain("moved in");
  unlink("d/w");
  drain("unlink");
  rmdir("d/sub");
  drain("rmdir");
  chmod("f", 0600);
  drain("attrib");
  int n = 0;
  chmod("f", 0644);
  ioctl(fd, FIONREAD, &n);
  printf("FIONREAD %d\n", n);
  E("small buffer", read(fd, &n, 4));
  drain("rest");
  unlink("f");
  drain("delete self");
  put("o", "");
  V("oneshot", SC(inotify_add_watch, fd, "o", IN_ATTRIB | IN_ONESHOT));
  chmod("o", 0);
  chmod("o", 0644);
  drain("once");
  E("rm", SC(inotify_rm_watch, fd, 1));
  drain("ignored");
  E("rm again", SC(inotify_rm_watch, fd, 1));
  E("missing", SC(inotify_add_watch, fd, "nope", IN_MODIFY));
  E("no mask", SC(inotify_add_watch, fd, "o", 0));
  E("ONLYDIR", SC(inotify_add_watch, fd, "o", IN_MODIFY | IN_ONLYDIR));
  E("bad fd", SC(inotify_add_watch, 0, "o", IN_MODIFY));
  E("bad flags", SC(inotify_init1, 1));
}
