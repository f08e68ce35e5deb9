// unix(7): bind, listen, accept, connect by path and by abstract name; addresses; errors of each step; the path is a file that stays.
#include "net.h"
int main(void) {
  char b[16] = ""; struct sockaddr_un a; int len; struct stat st;
  int l = socket(AF_UNIX, SOCK_STREAM, 0);
  E("connect to nothing", connect_to(l, "sock")); E("listen unbound", listen(l, 5)); E("accept before listen", accept4(l, 0, 0, 0));
  E("bind", bind_to(l, "sock")); E("bind twice", bind_to(l, "other")); E("in use", bind_to(socket(AF_UNIX, SOCK_STREAM, 0), "sock"));
  lstat_("sock", &st); printf("mode %o\n", st.st_mode & S_IFMT);
  int c = socket(AF_UNIX, SOCK_STREAM, 0); E("connect before listen", connect_to(c, "sock")); E("listen", listen(l, 5));
  E("connect", connect_to(c, "sock")); E("connect twice", connect_to(c, "sock"));
  write(c, "early", 5); len = sizeof a; int s = accept4(l, &a, &len, SOCK_CLOEXEC); show_addr("peer", &a, len); printf("cloexec %ld\n", fcntl(s, F_GETFD));
  V("data sent before accept", read(s, b, 16));
  len = sizeof a; SC(getsockname, s, &a, &len); show_addr("sockname", &a, len); len = sizeof a; SC(getpeername, c, &a, &len); show_addr("peername", &a, len);
  E("read of listener", read(l, b, 1)); E("dgram to stream", connect_to(socket(AF_UNIX, SOCK_DGRAM, 0), "sock"));
  int v = 0, n = 4; getsockopt(l, SOL_SOCKET, 30, &v, &n); printf("acceptconn %d\n", v); getsockopt(l, SOL_SOCKET, 3, &v, &n); printf("type %d\n", v);
  close(l); E("closed server", connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "sock")); E("file stays", unlink("sock"));
  l = socket(AF_UNIX, SOCK_STREAM, 0); E("abstract", bind_to(l, "@name")); listen(l, 1); c = socket(AF_UNIX, SOCK_STREAM, 0); E("connect", connect_to(c, "@name")); len = sizeof a; SC(getpeername, c, &a, &len); show_addr("peer", &a, len);
  E("abstract in use", bind_to(socket(AF_UNIX, SOCK_STREAM, 0), "@name")); E("other abstract", connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "@nam"));
  put("file", ""); E("connect to a file", connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "file")); E("open the socket", (bind_to(socket(AF_UNIX, SOCK_STREAM, 0), "s2"), open("s2", O_RDWR)));
  memset(&a, 0, sizeof a); a.sun_family = AF_UNIX; int au = socket(AF_UNIX, SOCK_STREAM, 0); E("autobind", SC(bind, au, &a, 2)); len = sizeof a; SC(getsockname, au, &a, &len); printf("autobind len %d\n", len);
}
