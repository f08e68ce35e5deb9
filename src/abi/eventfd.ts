// eventfd(2), signalfd(2), timerfd_create(2), inotify(7), pidfd_open(2), userfaultfd(2).

import { i32, pad, raw64, struct, u16, u32, u64 } from '../lib/struct.ts';


// eventfd(2)
export const EFD_SEMAPHORE = 1;
export const EFD_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;

// signalfd(2)
export const SFD_CLOEXEC = 0o2000000;
export const SFD_NONBLOCK = 0o4000;

// timerfd_create(2)
export const TFD_CLOEXEC = 0o2000000;
export const TFD_NONBLOCK = 0o4000;
export const TFD_TIMER_ABSTIME = 1;
export const TFD_TIMER_CANCEL_ON_SET = 2;

// inotify_init1(2)
export const IN_CLOEXEC = 0o2000000;
export const IN_NONBLOCK = 0o4000;

// inotify(7) events
export const IN_ACCESS = 0x1;
export const IN_MODIFY = 0x2;
export const IN_ATTRIB = 0x4;
export const IN_CLOSE_WRITE = 0x8;
export const IN_CLOSE_NOWRITE = 0x10;
export const IN_CLOSE = 0x18;
export const IN_OPEN = 0x20;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_MOVE = 0xc0;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
export const IN_ALL_EVENTS = 0xfff;
export const IN_UNMOUNT = 0x2000;
export const IN_Q_OVERFLOW = 0x4000;
export const IN_IGNORED = 0x8000;
export const IN_ONLYDIR = 0x1000000;
export const IN_DONT_FOLLOW = 0x2000000;
export const IN_EXCL_UNLINK = 0x4000000;
export const IN_MASK_CREATE = 0x10000000;
export const IN_MASK_ADD = 0x20000000;
export const IN_ISDIR = 0x40000000;
export const IN_ONESHOT = 0x80000000;

// pidfd_open(2)
export const PIDFD_NONBLOCK = 0o4000;
export const PIDFD_THREAD = 0o200;

/** signalfd(2): what read(2) returns. */
export const SignalfdSiginfo = struct('signalfd_siginfo', {
  ssi_signo: u32, ssi_errno: i32, ssi_code: i32, ssi_pid: u32, ssi_uid: u32, ssi_fd: i32, ssi_tid: u32, ssi_band: u32, ssi_overrun: u32,
  ssi_trapno: u32, ssi_status: i32, ssi_int: i32, ssi_ptr: raw64, ssi_utime: u64, ssi_stime: u64, ssi_addr: u64, ssi_addr_lsb: u16,
  _pad2: pad(2), ssi_syscall: i32, ssi_call_addr: u64, ssi_arch: u32, _pad: pad(28),
});
/** inotify(7): the head of an event; `len` bytes of name follow. */
export const InotifyEvent = struct('inotify_event', { wd: i32, mask: u32, cookie: u32, len: u32 });
