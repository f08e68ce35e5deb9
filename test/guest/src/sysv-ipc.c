// sysvipc(7): semaphores, message queues, shared memory: creation, operations, waiting, removal, permissions.
#include "t.h"
#include <linux/sem.h>
#include <linux/msg.h>
#define _UNISTD_H // linux/shm.h wants the C library's
#include <linux/shm.h>
#define DO(id, o, n) SC(semop, id, o, n)
struct mb {
  long type;
  char text[16];
};
int main(void) {
  E("no set", SC(semget, 77, 1, 0));
  int s = SC(semget, 77, 2, IPC_CREAT | 0600);
  E("exists", SC(semget, 77, 2, IPC_CREAT | IPC_EXCL | 0600));
  E("larger", SC(semget, 77, 3, 0));
  printf("same %d\n", SC(semget, 77, 1, 0) == s);
  E("none", SC(semget, IPC_PRIVATE, 0, 0600));
  struct sembuf up = { 0, 2, 0 }, down = { 0, -1, IPC_NOWAIT }, zero = { 0, 0, IPC_NOWAIT }, far = { 9, 1, 0 };
  E("up", DO(s, &up, 1));
  E("zero?", DO(s, &zero, 1));
  E("down", DO(s, &down, 1));
  E("down", DO(s, &down, 1));
  E("down", DO(s, &down, 1));
  E("zero?", DO(s, &zero, 1));
  E("far", DO(s, &far, 1));
  E("no ops", DO(s, &up, 0));
  V("value", SC(semctl, s, 0, GETVAL, 0));
  E("set", SC(semctl, s, 1, SETVAL, 7));
  E("set too much", SC(semctl, s, 1, SETVAL, 40000));
  unsigned short all[2];
  SC(semctl, s, 0, GETALL, all);
  printf("all %d %d\n", all[0], all[1]);
  struct sembuf two[2] = { { 1, -7, IPC_NOWAIT }, { 0, -1, IPC_NOWAIT } };
  E("all or none", DO(s, two, 2));
  V("kept", SC(semctl, s, 1, GETVAL, 0));
  long c = fork();
  if (c == 0) {
    struct sembuf w = { 0, -1, 0 }, undo = { 1, -5, SEM_UNDO };
    E("child undo", DO(s, &undo, 1));
    E("child waits", DO(s, &w, 1));
    exit(0);
  }
  await_state(c, 'S');
  V("waiting", SC(semctl, s, 0, GETNCNT, 0));
  V("during", SC(semctl, s, 1, GETVAL, 0));
  up.sem_op = 1;
  DO(s, &up, 1);
  reap("child", c);
  V("undone", SC(semctl, s, 1, GETVAL, 0));
  struct timespec ts = { 0, 5000000 };
  struct sembuf w = { 0, -1, 0 };
  E("timed", SC(semtimedop, s, &w, 1, &ts));
  c = fork();
  if (c == 0) {
    E("removed", DO(s, &w, 1));
    exit(0);
  }
  await_state(c, 'S');
  long rm = SC(semctl, s, 0, IPC_RMID, 0);
  reap("child", c);
  E("rmid", rm);
  E("gone", DO(s, &w, 1));

  int q = SC(msgget, IPC_PRIVATE, 0600);
  struct mb m = { 3, "three" };
  E("send", SC(msgsnd, q, &m, 5, 0));
  m.type = 1;
  E("send", SC(msgsnd, q, &m, 3, 0));
  m.type = 0;
  E("bad type", SC(msgsnd, q, &m, 3, 0));
  m.type = 1;
  E("too long", SC(msgsnd, q, &m, 9000, 0));
  V("lowest", SC(msgrcv, q, &m, 16, -5, 0));
  printf("type %ld\n", m.type);
  E("small", SC(msgrcv, q, &m, 2, 0, 0));
  E("other type", SC(msgrcv, q, &m, 16, 8, IPC_NOWAIT));
  V("cut", SC(msgrcv, q, &m, 2, 0, 010000));
  struct msqid64_ds d;
  SC(msgctl, q, IPC_STAT, &d);
  printf("num %ld bytes %ld max %ld\n", (long)d.msg_qnum, (long)d.msg_cbytes, (long)d.msg_qbytes);
  c = fork();
  if (c == 0) {
    E("waits", SC(msgrcv, q, &m, 16, 0, 0));
    exit(0);
  }
  await_state(c, 'S');
  long gone = SC(msgctl, q, IPC_RMID, 0);
  reap("child", c);
  E("rmid", gone);

  E("size 0", SC(shmget, IPC_PRIVATE, 0, 0600));
  int h = SC(shmget, IPC_PRIVATE, 5000, 0600);
  char *a = (char *)SC(shmat, h, 0, 0);
  a[0] = 'A';
  a[8191] = 'Z';
  char *r = (char *)SC(shmat, h, 0, SHM_RDONLY);
  printf("other %c%c\n", r[0], r[8191]);
  FAULT("write to read-only", r, r[1] = 'x');
  struct shmid64_ds e;
  SC(shmctl, h, IPC_STAT, &e);
  printf("size %ld attached %ld mode %o\n", (long)e.shm_segsz, (long)e.shm_nattch, e.shm_perm.mode);
  c = fork();
  if (c == 0) {
    SC(shmctl, h, IPC_STAT, &e);
    printf("child attached %ld\n", (long)e.shm_nattch);
    a[1] = 'B';
    exit(0);
  }
  reap("child", c);
  printf("shared %c\n", r[1]);
  E("misaligned", SC(shmat, h, (char *)a + 1, 0));
  E("occupied", SC(shmat, h, a, 0));
  E("detach", SC(shmdt, r));
  E("again", SC(shmdt, r));
  E("inside", SC(shmdt, a + 4096));
  E("rmid", SC(shmctl, h, IPC_RMID, 0));
  printf("still %c\n", a[0]);
  SC(shmctl, h, IPC_STAT, &e);
  printf("attached %ld dest %d key %d\n", (long)e.shm_nattch, (e.shm_perm.mode & 01000) != 0, e.shm_perm.key);
  E("detach", SC(shmdt, a));
  E("gone", SC(shmctl, h, IPC_STAT, &e));
}
