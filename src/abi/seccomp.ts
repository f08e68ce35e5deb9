// seccomp(2), bpf filters: linux/seccomp.h, linux/filter.h, linux/audit.h.

import { array, i32, pad, ptr, struct, u16, u32, u64, u8 } from '../lib/struct.ts';


// Modes and operations
export const SECCOMP_MODE_DISABLED = 0;
export const SECCOMP_MODE_STRICT = 1;
export const SECCOMP_MODE_FILTER = 2;
export const SECCOMP_SET_MODE_STRICT = 0;
export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_GET_ACTION_AVAIL = 2;
export const SECCOMP_GET_NOTIF_SIZES = 3;

// Filter flags
export const SECCOMP_FILTER_FLAG_TSYNC = 1;
export const SECCOMP_FILTER_FLAG_LOG = 2;
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
export const SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16;

// Filter results
export const SECCOMP_RET_KILL_PROCESS = 0x80000000;
export const SECCOMP_RET_KILL_THREAD = 0x0;
export const SECCOMP_RET_TRAP = 0x30000;
export const SECCOMP_RET_ERRNO = 0x50000;
export const SECCOMP_RET_USER_NOTIF = 0x7fc00000;
export const SECCOMP_RET_TRACE = 0x7ff00000;
export const SECCOMP_RET_LOG = 0x7ffc0000;
export const SECCOMP_RET_ALLOW = 0x7fff0000;
export const SECCOMP_RET_ACTION_FULL = 0xffff0000;
export const SECCOMP_RET_DATA = 0xffff;

// seccomp_data.arch
export const AUDIT_ARCH_RISCV64 = 0xc00000f3;

/** What a filter looks at. */
export const SeccompData = struct('seccomp_data', { nr: i32, arch: u32, instruction_pointer: u64, args: array(u64, 6) });
export const SockFilter = struct('sock_filter', { code: u16, jt: u8, jf: u8, k: u32 });
export const SockFprog = struct('sock_fprog', { len: u16, _pad: pad(6), filter: ptr });
