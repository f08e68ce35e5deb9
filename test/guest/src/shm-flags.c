// shmget(2), shmop(2), shmctl(2), and shared memory by files: attaching where, rights, sizes, removal, partial detach.
#include "mm.h"
#define _UNISTD_H 1
#include <linux/shm.h>
#include <linux/ipc.h>
static u64 nattch(int id) { struct shmid64_ds d; SC(shmctl, id, IPC_STAT, &d); return d.shm_nattch; }
#define AT(id, a, f) ((char *)SC(shmat, id, a, f))
int main(void) {
  E("size 0", SC(shmget, IPC_PRIVATE, 0, IPC_CREAT | 0600));
  E("no such key", SC(shmget, 4711, PAGE, 0600));
  int id = SC(shmget, 4711, 3 * PAGE - 5, IPC_CREAT | 0600);
  E("create", id);
  E("exclusive", SC(shmget, 4711, PAGE, IPC_CREAT | IPC_EXCL | 0600));
  E("larger", SC(shmget, 4711, 4 * PAGE, 0600));
  printf("smaller finds it %d\n", SC(shmget, 4711, 1, 0600) == id);
  char *a = AT(id, 0, 0);
  E("attach", a);
  a[0] = 1;
  a[3 * PAGE - 1] = 2;
  printf("rounded up to pages %d\n", a[3 * PAGE - 1]);
  where("mapping", a, a);
  char *b = AT(id, 0, SHM_RDONLY);
  printf("second %d %d attached %lu\n", b != a, b[0], nattch(id));
  FAULT("read only", b, b[0] = 1);
  E("mprotect", mprotect(b, PAGE, RW));
  char *spot = place(16);
  E("unaligned", AT(id, spot + 5, 0));
  printf("rounded %d\n", AT(id, spot + 5, SHM_RND) == spot);
  E("occupied", AT(id, spot, 0));
  printf("remap %d\n", AT(id, spot, SHM_REMAP) == spot);
  E("remap nowhere", AT(id, 0, SHM_REMAP));
  printf("attached %lu\n", nattch(id));
  long pid = fork();
  if (pid == 0) { a[1] = 5; printf("child attached %lu\n", nattch(id)); exit(0); }
  waitpid(pid, 0, 0);
  printf("child wrote %d attached %lu\n", a[1], nattch(id));
  E("detach inside", SC(shmdt, a + PAGE));
  munmap(a + PAGE, PAGE);
  E("detach with a hole", SC(shmdt, a));
  where("all gone", a, a + 2 * PAGE);
  E("detach twice", SC(shmdt, a));
  E("bad id", AT(999999, 0, 0));
  mprotect(b, PAGE, PROT_NONE);
  E("remove", SC(shmctl, id, IPC_RMID, 0));
  E("key is free", SC(shmget, 4711, PAGE, 0600));
  char *again = AT(id, 0, 0);
  E("attach of a removed one", again);
  struct shmid64_ds d;
  SC(shmctl, id, IPC_STAT, &d);
  printf("dest %o key %d\n", d.shm_perm.mode & 01000, d.shm_perm.key);
  SC(shmdt, again);
  SC(shmdt, b);
  E("last detach", SC(shmdt, spot));
  E("now it is gone", SC(shmctl, id, IPC_STAT, &d));
  int x = SC(shmget, IPC_PRIVATE, PAGE, IPC_CREAT | 0400);
  pid = fork();
  if (pid == 0) {
    drop();
    E("no right to read", AT(x, 0, SHM_RDONLY));
    E("no right to remove", SC(shmctl, x, IPC_RMID, 0));
    E("no right to stat", SC(shmctl, x, IPC_STAT, &d));
    exit(0);
  }
  waitpid(pid, 0, 0);
  E("lock", SC(shmctl, x, SHM_LOCK, 0));
  SC(shmctl, x, IPC_STAT, &d);
  printf("locked %o\n", d.shm_perm.mode & 02000);
  E("unlock", SC(shmctl, x, SHM_UNLOCK, 0));
  E("grow by mremap", mremap(AT(x, 0, 0), PAGE, 2 * PAGE, MREMAP_MAYMOVE) );
  SC(shmctl, x, IPC_RMID, 0);
  // by a file, as shm_open does
  mkdir("shm", 0700);
  int f1 = open("shm/seg", O_RDWR | O_CREAT | O_EXCL, 0600), f2 = open("shm/seg", O_RDWR);
  ftruncate(f1, 2 * PAGE);
  char *m1 = mmap(0, 2 * PAGE, RW, MAP_SHARED, f1, 0), *m2 = mmap(0, 2 * PAGE, RW, MAP_SHARED, f2, 0);
  m1[PAGE] = 9;
  printf("one object %d\n", m2[PAGE]);
  unlink("shm/seg");
  m2[0] = 3;
  printf("unlinked, still one %d\n", m1[0]);
  ftruncate(f1, PAGE);
  FAULT("cut off", m2, LOOK(m2 + PAGE));
  FAULT("the rest", m2, LOOK(m2));
}
