// System V IPC: sysvipc(7). linux/ipc.h, linux/shm.h, linux/sem.h, linux/msg.h.

import { i32, i64, pad, struct, u16, u32, u64 } from '../lib/struct.ts';


// All three
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;
export const IPC_PRIVATE = 0;
export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const IPC_INFO = 3;

// shmget(2), shmat(2), shmctl(2)
export const SHM_HUGETLB = 0o4000;
export const SHM_NORESERVE = 0o10000;
export const SHM_RDONLY = 0o10000;
export const SHM_RND = 0o20000;
export const SHM_REMAP = 0o40000;
export const SHM_EXEC = 0o100000;
export const SHM_LOCK = 0o13;
export const SHM_UNLOCK = 0o14;
export const SHM_STAT = 0o15;
export const SHM_INFO = 0o16;
export const SHM_STAT_ANY = 0o17;

// semop(2), semctl(2)
export const SEM_UNDO = 4096;
export const GETPID = 11;
export const GETVAL = 12;
export const GETALL = 13;
export const GETNCNT = 14;
export const GETZCNT = 15;
export const SETVAL = 16;
export const SETALL = 17;
export const SEM_STAT = 18;
export const SEM_INFO = 19;
export const SEM_STAT_ANY = 20;
export const SEMVMX = 32767;

// msgrcv(2), msgctl(2)
export const MSG_NOERROR = 0o10000;
export const MSG_EXCEPT = 0o20000;
export const MSG_COPY = 0o40000;
export const MSG_STAT = 0o13;
export const MSG_INFO = 0o14;
export const MSG_STAT_ANY = 0o15;

/** struct ipc64_perm. */
export const IpcPerm = struct('ipc64_perm', {
  key: i32, uid: u32, gid: u32, cuid: u32, cgid: u32, mode: u32, seq: u16, _pad2: pad(6), _unused1: u64, _unused2: u64,
});
/** shmctl(2). */
export const ShmidDs = struct('shmid64_ds', {
  shm_perm: IpcPerm, shm_segsz: u64, shm_atime: i64, shm_dtime: i64, shm_ctime: i64, shm_cpid: i32, shm_lpid: i32, shm_nattch: u64,
  _unused4: u64, _unused5: u64,
});
/** semctl(2). */
export const SemidDs = struct('semid64_ds', { sem_perm: IpcPerm, sem_otime: i64, sem_ctime: i64, sem_nsems: u64, _unused3: u64, _unused4: u64 });
/** msgctl(2). */
export const MsqidDs = struct('msqid64_ds', {
  msg_perm: IpcPerm, msg_stime: i64, msg_rtime: i64, msg_ctime: i64, msg_cbytes: u64, msg_qnum: u64, msg_qbytes: u64,
  msg_lspid: i32, msg_lrpid: i32, _unused4: u64, _unused5: u64,
});
/** semop(2). */
export const Sembuf = struct('sembuf', { sem_num: u16, sem_op: u16, sem_flg: u16 });
