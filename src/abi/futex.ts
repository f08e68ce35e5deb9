// futex(2), get_robust_list(2), rseq(2): linux/futex.h, linux/rseq.h.

import { aligned, i64, ptr, raw64, struct, u32, u64 } from '../lib/struct.ts';


// Operations
export const FUTEX_WAIT = 0;
export const FUTEX_WAKE = 1;
export const FUTEX_FD = 2;
export const FUTEX_REQUEUE = 3;
export const FUTEX_CMP_REQUEUE = 4;
export const FUTEX_WAKE_OP = 5;
export const FUTEX_LOCK_PI = 6;
export const FUTEX_UNLOCK_PI = 7;
export const FUTEX_TRYLOCK_PI = 8;
export const FUTEX_WAIT_BITSET = 9;
export const FUTEX_WAKE_BITSET = 10;
export const FUTEX_WAIT_REQUEUE_PI = 11;
export const FUTEX_CMP_REQUEUE_PI = 12;
export const FUTEX_LOCK_PI2 = 13;
export const FUTEX_PRIVATE_FLAG = 128;
export const FUTEX_CLOCK_REALTIME = 256;

// FUTEX_CMD_MASK is signed: op & FUTEX_CMD_MASK leaves the command
export const FUTEX_CMD_MASK = -385;

// The futex word of robust and PI futexes
export const FUTEX_WAITERS = 0x80000000;
export const FUTEX_OWNER_DIED = 0x40000000;
export const FUTEX_TID_MASK = 0x3fffffff;
export const ROBUST_LIST_LIMIT = 0x800;
export const FUTEX_BITSET_MATCH_ANY = 0xffffffff;

// FUTEX_WAKE_OP
export const FUTEX_OP_SET = 0;
export const FUTEX_OP_ADD = 1;
export const FUTEX_OP_OR = 2;
export const FUTEX_OP_ANDN = 3;
export const FUTEX_OP_XOR = 4;
export const FUTEX_OP_OPARG_SHIFT = 8;
export const FUTEX_OP_CMP_EQ = 0;
export const FUTEX_OP_CMP_NE = 1;
export const FUTEX_OP_CMP_LT = 2;
export const FUTEX_OP_CMP_LE = 3;
export const FUTEX_OP_CMP_GT = 4;
export const FUTEX_OP_CMP_GE = 5;

// futex_waitv(2)
export const FUTEX_32 = 2;
export const FUTEX_WAITV_MAX = 128;

// rseq(2)
export const RSEQ_CPU_ID_UNINITIALIZED = -1;
export const RSEQ_CPU_ID_REGISTRATION_FAILED = -2;
export const RSEQ_FLAG_UNREGISTER = 1;
export const RSEQ_CS_FLAG_NO_RESTART_ON_PREEMPT = 1;
export const RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL = 2;
export const RSEQ_CS_FLAG_NO_RESTART_ON_MIGRATE = 4;

/** set_robust_list(2): one lock on the list. */
export const RobustList = struct('robust_list', { next: ptr });
/** set_robust_list(2): the head that a thread registers. */
export const RobustListHead = struct('robust_list_head', { list: RobustList, futex_offset: i64, list_op_pending: ptr });
/** futex_waitv(2). */
export const FutexWaitv = struct('futex_waitv', { val: u64, uaddr: ptr, flags: u32, _reserved: u32 });
/** rseq(2): the original 32 bytes. */
export const Rseq = struct('rseq', { cpu_id_start: aligned(u32, 32), cpu_id: u32, rseq_cs: ptr, flags: u32 });
/** rseq(2): a critical section. */
export const RseqCs = struct('rseq_cs', { version: aligned(u32, 32), flags: u32, start_ip: ptr, post_commit_offset: raw64, abort_ip: ptr });
