// userfaultfd(2), ioctl_userfaultfd(2): linux/userfaultfd.h.
import { pad, raw64, struct, u16, u32, u64, i64, u8 } from '../lib/struct.ts';

export const UFFD_USER_MODE_ONLY = 1;
export const UFFD_API = 0xaa;

// Numbers of the ioctls, and the bits that say which are offered
export const _UFFDIO_REGISTER = 0x00;
export const _UFFDIO_UNREGISTER = 0x01;
export const _UFFDIO_WAKE = 0x02;
export const _UFFDIO_COPY = 0x03;
export const _UFFDIO_ZEROPAGE = 0x04;
export const _UFFDIO_WRITEPROTECT = 0x06;
export const _UFFDIO_API = 0x3f;

export const UFFDIO_API = 0xc018aa3f;
export const UFFDIO_REGISTER = 0xc020aa00;
export const UFFDIO_UNREGISTER = 0x8010aa01;
export const UFFDIO_WAKE = 0x8010aa02;
export const UFFDIO_COPY = 0xc028aa03;
export const UFFDIO_ZEROPAGE = 0xc020aa04;
export const UFFDIO_WRITEPROTECT = 0xc018aa06;

export const UFFDIO_REGISTER_MODE_MISSING = 1;
export const UFFDIO_REGISTER_MODE_WP = 2;
export const UFFDIO_COPY_MODE_DONTWAKE = 1;
export const UFFDIO_COPY_MODE_WP = 2;
export const UFFDIO_ZEROPAGE_MODE_DONTWAKE = 1;
export const UFFDIO_WRITEPROTECT_MODE_WP = 1;
export const UFFDIO_WRITEPROTECT_MODE_DONTWAKE = 2;

// Features
export const UFFD_FEATURE_PAGEFAULT_FLAG_WP = 1 << 0;
export const UFFD_FEATURE_EVENT_FORK = 1 << 1;
export const UFFD_FEATURE_EVENT_REMAP = 1 << 2;
export const UFFD_FEATURE_EVENT_REMOVE = 1 << 3;
export const UFFD_FEATURE_MISSING_SHMEM = 1 << 5;
export const UFFD_FEATURE_EVENT_UNMAP = 1 << 6;
export const UFFD_FEATURE_SIGBUS = 1 << 7;
export const UFFD_FEATURE_THREAD_ID = 1 << 8;
export const UFFD_FEATURE_EXACT_ADDRESS = 1 << 11;

// Messages
export const UFFD_EVENT_PAGEFAULT = 0x12;
export const UFFD_EVENT_FORK = 0x13;
export const UFFD_EVENT_REMAP = 0x14;
export const UFFD_EVENT_REMOVE = 0x15;
export const UFFD_EVENT_UNMAP = 0x16;
export const UFFD_PAGEFAULT_FLAG_WRITE = 1;
export const UFFD_PAGEFAULT_FLAG_WP = 2;

export const UffdioApi = struct('uffdio_api', { api: u64, features: raw64, ioctls: raw64 });
export const UffdioRange = struct('uffdio_range', { start: u64, len: u64 });
export const UffdioRegister = struct('uffdio_register', { range: UffdioRange, mode: u64, ioctls: raw64 });
export const UffdioCopy = struct('uffdio_copy', { dst: u64, src: u64, len: u64, mode: u64, copy: i64 });
export const UffdioZeropage = struct('uffdio_zeropage', { range: UffdioRange, mode: u64, zeropage: i64 });
export const UffdioWriteprotect = struct('uffdio_writeprotect', { range: UffdioRange, mode: u64 });
/** The union's members as they lie: page faults use flags, address and ptid; remap from, to and len (the same words); fork a descriptor. */
export const UffdMsg = struct('uffd_msg', { event: u8, reserved1: u8, reserved2: u16, reserved3: u32, arg: pad(24, 8) });
