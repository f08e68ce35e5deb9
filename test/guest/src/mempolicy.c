// get_mempolicy(2), set_mempolicy(2), mbind(2), migrate_pages(2), move_pages(2) on a machine with one node.
#include "mm.h"
#include <linux/mempolicy.h>
#ifndef __NR_set_mempolicy_home_node
#define __NR_set_mempolicy_home_node 450
#endif
int main(void) {
  char *p = mmap(place(16), 4 * PAGE, RW, ANON, -1, 0);
  TOUCH(p);
  u64 one = 1, two = 2, none = 0, mask = 0;
  int mode = -1;
#define GET(m, a, f) SC(get_mempolicy, &mode, m, 1024, a, f)
  u64 big[16] = { 0 };
  E("get", GET(NULL, 0, 0));
  printf("mode %d\n", mode);
  E("allowed nodes", GET(big, 0, MPOL_F_MEMS_ALLOWED));
  printf("nodes %lx\n", big[0]);
  E("node of a page", GET(NULL, p, MPOL_F_NODE | MPOL_F_ADDR));
  printf("node %d\n", mode);
  E("policy of an address", GET(NULL, p, MPOL_F_ADDR));
  printf("mode %d\n", mode);
  E("unmapped address", GET(NULL, 8, MPOL_F_ADDR));
  E("address without F_ADDR", GET(NULL, p, 0));
  E("F_NODE without interleave", GET(NULL, 0, MPOL_F_NODE));
  E("bad flags", GET(NULL, 0, 32));
  E("mask too small", SC(get_mempolicy, &mode, &mask, 0, 0, MPOL_F_MEMS_ALLOWED));
  E("mems allowed with address", GET(big, p, MPOL_F_MEMS_ALLOWED | MPOL_F_ADDR));
#define SET(mode, m, n) SC(set_mempolicy, mode, m, n)
  E("set default", SET(MPOL_DEFAULT, NULL, 0));
  E("default with nodes", SET(MPOL_DEFAULT, &one, 8));
  E("bind node 0", SET(MPOL_BIND, &one, 8));
  big[0] = 0;
  E("get", GET(big, 0, 0));
  printf("mode %d nodes %lx\n", mode, big[0]);
  E("bind no nodes", SET(MPOL_BIND, &none, 8));
  E("bind node 1", SET(MPOL_BIND, &two, 8));
  E("bind without mask", SET(MPOL_BIND, NULL, 0));
  E("bad mask", SET(MPOL_BIND, 8, 8));
  E("interleave", SET(MPOL_INTERLEAVE, &one, 8));
  E("next node", GET(NULL, 0, MPOL_F_NODE));
  printf("node %d\n", mode);
  E("preferred", SET(MPOL_PREFERRED, &one, 8));
  E("preferred, empty means local", SET(MPOL_PREFERRED, NULL, 0));
  GET(NULL, 0, 0);
  printf("mode %d\n", mode);
  E("local", SET(MPOL_LOCAL, NULL, 0));
  E("local with nodes", SET(MPOL_LOCAL, &one, 8));
  E("unknown mode", SET(99, NULL, 0));
  E("static nodes", SET(MPOL_BIND | MPOL_F_STATIC_NODES, &one, 8));
  GET(NULL, 0, 0);
  printf("mode %x\n", mode);
  E("static and relative", SET(MPOL_BIND | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES, &one, 8));
  long pid = fork();
  if (pid == 0) { GET(NULL, 0, 0); printf("child mode %x\n", mode); exit(0); }
  waitpid(pid, 0, 0);
  SET(MPOL_DEFAULT, NULL, 0);
#define BIND(a, n, mode, m, f) SC(mbind, a, n, mode, m, 8, f)
  E("mbind", BIND(p, 2 * PAGE, MPOL_BIND, &one, 0));
  GET(big, p, MPOL_F_ADDR);
  printf("mode %d\n", mode);
  GET(big, p + 2 * PAGE, MPOL_F_ADDR);
  printf("next %d\n", mode);
  where("split", p, p);
  E("mbind default", BIND(p, 4 * PAGE, MPOL_DEFAULT, NULL, 0));
  where("joined", p, p);
  E("mbind unaligned", BIND(p + 1, PAGE, MPOL_BIND, &one, 0));
  E("mbind bad flags", BIND(p, PAGE, MPOL_BIND, &one, 64));
  E("mbind strict", BIND(p, PAGE, MPOL_BIND, &one, MPOL_MF_STRICT));
  E("mbind move", BIND(p, PAGE, MPOL_BIND, &one, MPOL_MF_MOVE));
  E("mbind length 0", BIND(p, 0, MPOL_BIND, &one, 0));
  E("mbind node 1", BIND(p, PAGE, MPOL_BIND, &two, 0));
  munmap(p + PAGE, PAGE);
  E("mbind over a hole", BIND(p, 3 * PAGE, MPOL_BIND, &one, 0));
  void *pages[3] = { p, p + PAGE, p + 2 * PAGE };
  int status[3] = { 9, 9, 9 }, nodes[3] = { 0, 0, 0 };
  E("move_pages query", SC(move_pages, 0, 3, pages, NULL, status, 0));
  printf("%d %s %s\n", status[0], err(status[1]), err(status[2]));
  E("move_pages to 0", SC(move_pages, 0, 1, pages, nodes, status, MPOL_MF_MOVE));
  printf("%d\n", status[0]);
  nodes[0] = 1;
  E("move_pages to 1", SC(move_pages, 0, 1, pages, nodes, status, MPOL_MF_MOVE));
  E("move_pages flags", SC(move_pages, 0, 1, pages, NULL, status, 1));
  E("move_pages nobody", SC(move_pages, 999999, 1, pages, NULL, status, 0));
  V("migrate_pages", SC(migrate_pages, 0, 8, &one, &one));
  E("migrate_pages nobody", SC(migrate_pages, 999999, 8, &one, &one));
  E("migrate_pages to 1", SC(migrate_pages, 0, 8, &one, &two));
  E("home node of default", SC(set_mempolicy_home_node, p + 2 * PAGE, PAGE, 0, 0));
  E("home node flags", SC(set_mempolicy_home_node, p, PAGE, 0, 1));
  E("home node 5", SC(set_mempolicy_home_node, p, PAGE, 5, 0));
  printf("Mems_allowed_list %s\n", field("/proc/self/status", "Mems_allowed_list"));
}
