// clone(2), unshare(2), sched(7): linux/sched.h, linux/sched/types.h, linux/ioprio.h.

import { i32, ptr, raw64, struct, u32, u64 } from '../lib/struct.ts';


// clone(2) flags. The last two need more than 32 bits: they exist in clone3(2) only and must be tested on the high word
export const CSIGNAL = 0xff;
export const CLONE_NEWTIME = 0x80;
export const CLONE_VM = 0x100;
export const CLONE_FS = 0x200;
export const CLONE_FILES = 0x400;
export const CLONE_SIGHAND = 0x800;
export const CLONE_PIDFD = 0x1000;
export const CLONE_PTRACE = 0x2000;
export const CLONE_VFORK = 0x4000;
export const CLONE_PARENT = 0x8000;
export const CLONE_THREAD = 0x10000;
export const CLONE_NEWNS = 0x20000;
export const CLONE_SYSVSEM = 0x40000;
export const CLONE_SETTLS = 0x80000;
export const CLONE_PARENT_SETTID = 0x100000;
export const CLONE_CHILD_CLEARTID = 0x200000;
export const CLONE_DETACHED = 0x400000;
export const CLONE_UNTRACED = 0x800000;
export const CLONE_CHILD_SETTID = 0x1000000;
export const CLONE_NEWCGROUP = 0x2000000;
export const CLONE_NEWUTS = 0x4000000;
export const CLONE_NEWIPC = 0x8000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;
export const CLONE_IO = 0x80000000;
export const CLONE_CLEAR_SIGHAND = 0x100000000;
export const CLONE_INTO_CGROUP = 0x200000000;

// clone3(2) sizes
export const CLONE_ARGS_SIZE_VER0 = 64;
export const CLONE_ARGS_SIZE_VER1 = 80;
export const CLONE_ARGS_SIZE_VER2 = 88;

// Policies
export const SCHED_NORMAL = 0;
export const SCHED_FIFO = 1;
export const SCHED_RR = 2;
export const SCHED_BATCH = 3;
export const SCHED_IDLE = 5;
export const SCHED_DEADLINE = 6;

// sched_setattr(2) flags
export const SCHED_RESET_ON_FORK = 0x40000000;
export const SCHED_FLAG_RESET_ON_FORK = 0x1;
export const SCHED_FLAG_RECLAIM = 0x2;
export const SCHED_FLAG_DL_OVERRUN = 0x4;
export const SCHED_FLAG_KEEP_POLICY = 0x8;
export const SCHED_FLAG_KEEP_PARAMS = 0x10;
export const SCHED_FLAG_UTIL_CLAMP_MIN = 0x20;
export const SCHED_FLAG_UTIL_CLAMP_MAX = 0x40;
export const SCHED_FLAG_ALL = 0x7f;
export const SCHED_ATTR_SIZE_VER0 = 0x30;
export const SCHED_ATTR_SIZE_VER1 = 0x38;

// ioprio_set(2)
export const IOPRIO_CLASS_SHIFT = 13;
export const IOPRIO_CLASS_NONE = 0;
export const IOPRIO_CLASS_RT = 1;
export const IOPRIO_CLASS_BE = 2;
export const IOPRIO_CLASS_IDLE = 3;
export const IOPRIO_WHO_PROCESS = 1;
export const IOPRIO_WHO_PGRP = 2;
export const IOPRIO_WHO_USER = 3;
export const IOPRIO_BE_NORM = 4;

// personality(2)
export const PER_LINUX = 0x0;
export const PER_MASK = 0xff;
export const UNAME26 = 0x20000;
export const ADDR_NO_RANDOMIZE = 0x40000;
export const READ_IMPLIES_EXEC = 0x400000;
export const ADDR_COMPAT_LAYOUT = 0x200000;
export const PER_CLEAR_ON_SETID = 0x740000;

/** clone3(2); `flags` in two words because CLONE_CLEAR_SIGHAND is bit 32. */
export const CloneArgs = struct('clone_args', {
  flags: raw64, pidfd: ptr, child_tid: ptr, parent_tid: ptr, exit_signal: u64, stack: ptr, stack_size: u64, tls: raw64,
  set_tid: ptr, set_tid_size: u64, cgroup: u64,
});
/** sched_setscheduler(2). */
export const SchedParam = struct('sched_param', { sched_priority: i32 });
/** sched_setattr(2). */
export const SchedAttr = struct('sched_attr', {
  size: u32, sched_policy: u32, sched_flags: u64, sched_nice: i32, sched_priority: u32,
  sched_runtime: u64, sched_deadline: u64, sched_period: u64, sched_util_min: u32, sched_util_max: u32,
});
