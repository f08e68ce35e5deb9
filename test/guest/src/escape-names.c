// Names that mean something to the kernel's own language (SECURITY.md): members of every JavaScript object as names of attributes, queues, keys, memory
// files, sockets, variables and hosts are names like others, absent before they are made and gone afterwards.
#include "net.h"
#include <linux/keyctl.h>
#include <linux/prctl.h>
static const char *names[] = { "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__" };
int main(void) {
  char b[256], x[64];
  put("f", "");
  for (int i = 0; i < 7; i++) {
    const char *n = names[i];
    printf("%s:\n", n);
    snprintf(x, 64, "user.%s", n);
    E(" attribute, before", SC(getxattr, "f", x, b, 64));
    V(" attribute, made", SC(setxattr, "f", x, "v", 1, 1));
    E(" attribute, again", SC(setxattr, "f", x, "v", 1, 1));
    V(" attributes", SC(listxattr, "f", b, 256));
    V(" attribute, removed", SC(removexattr, "f", x));
    E(" file, before", open(n, O_RDONLY));
    E(" directory", mkdir(n, 0755));
    snprintf(x, 64, "%s/%s", n, n);
    E(" file in it", open(x, O_CREAT | O_WRONLY, 0644));
    E(" it is not empty", rmdir(n));
    E(" file goes", unlink(x));
    E(" directory goes", rmdir(n));
    E(" queue, before", SC(mq_open, n, O_RDONLY, 0, 0));
    E(" queue", SC(mq_open, n, O_CREAT | O_RDWR, 0600, 0));
    E(" queue goes", SC(mq_unlink, n));
    E(" key, before", SC(keyctl, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, "user", n, 0));
    long key = SC(add_key, "user", n, "v", 1, KEY_SPEC_PROCESS_KEYRING);
    E(" key", key);
    E(" key found", SC(keyctl, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, "user", n, 0) == key ? 0 : -1);
    E(" type of key", SC(add_key, n, "d", "v", 1, KEY_SPEC_PROCESS_KEYRING));
    E(" memory file", SC(memfd_create, n, 0));
    E(" file system", SC(mount, "none", "/tmp", n, 0, 0));
    int s = socket(AF_UNIX, SOCK_STREAM, 0), t = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = { AF_UNIX };
    strcpy(a.sun_path + 1, n);
    E(" abstract socket, before", SC(connect, s, &a, 3 + strlen(n)));
    E(" abstract socket", SC(bind, s, &a, 3 + strlen(n)));
    E(" abstract socket, again", SC(bind, t, &a, 3 + strlen(n)));
    close(s);
    close(t);
    prctl(PR_SET_NAME, n);
    prctl(PR_GET_NAME, b);
    printf(" name of a thread: %s\n", b);
    SC(sethostname, n, strlen(n));
    struct { char f[6][65]; } u;
    SC(uname, &u);
    printf(" name of the host: %s\n", u.f[1]);
    snprintf(x, 64, "/proc/self/%s", n);
    E(" in /proc", open(x, O_RDONLY));
    snprintf(x, 64, "/proc/sys/%s", n);
    E(" among the settings", open(x, O_RDONLY));
    snprintf(x, 64, "/sys/%s", n);
    E(" in /sys", open(x, O_RDONLY));
    snprintf(x, 64, "/dev/%s", n);
    E(" in /dev", open(x, O_RDONLY));
  }
}
