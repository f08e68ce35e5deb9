// seccomp(2): linux/seccomp.h, linux/audit.h.

import { array, i32, i64, struct, u16, u32, u64 } from '../lib/struct.ts';

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
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;

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

// User notification (seccomp_unotify(2))
export const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
export const SECCOMP_ADDFD_FLAG_SETFD = 1;
export const SECCOMP_ADDFD_FLAG_SEND = 2;
export const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;
export const SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100;
export const SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101;
export const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102;
export const SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103;
export const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104;
export const SeccompNotifSizes = struct('seccomp_notif_sizes', { seccomp_notif: u16, seccomp_notif_resp: u16, seccomp_data: u16 });
export const SeccompNotif = struct('seccomp_notif', { id: u64, pid: u32, flags: u32, data: SeccompData });
export const SeccompNotifResp = struct('seccomp_notif_resp', { id: u64, val: i64, error: i32, flags: u32 });
export const SeccompNotifAddfd = struct('seccomp_notif_addfd', { id: u64, flags: u32, srcfd: u32, newfd: u32, newfd_flags: u32 });
