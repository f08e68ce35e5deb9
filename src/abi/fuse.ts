// The FUSE protocol, version 7.38 (linux/fuse.h): messages between a kernel and a file system somewhere else, over /dev/fuse or virtio-fs.
// Every request is a fuse_in_header, its arguments, then names (NUL-terminated) or data; every reply a fuse_out_header and its results.

import { array, i32, i64, pad, struct, u16, u32, u64 } from '../lib/struct.ts';

export const FUSE_KERNEL_VERSION = 7;
export const FUSE_KERNEL_MINOR_VERSION = 38;
export const FUSE_ROOT_ID = 1;

// Operations
export const FUSE_LOOKUP = 1;
export const FUSE_FORGET = 2;
export const FUSE_GETATTR = 3;
export const FUSE_SETATTR = 4;
export const FUSE_READLINK = 5;
export const FUSE_SYMLINK = 6;
export const FUSE_MKNOD = 8;
export const FUSE_MKDIR = 9;
export const FUSE_UNLINK = 10;
export const FUSE_RMDIR = 11;
export const FUSE_RENAME = 12;
export const FUSE_LINK = 13;
export const FUSE_OPEN = 14;
export const FUSE_READ = 15;
export const FUSE_WRITE = 16;
export const FUSE_STATFS = 17;
export const FUSE_RELEASE = 18;
export const FUSE_FSYNC = 20;
export const FUSE_SETXATTR = 21;
export const FUSE_GETXATTR = 22;
export const FUSE_LISTXATTR = 23;
export const FUSE_REMOVEXATTR = 24;
export const FUSE_FLUSH = 25;
export const FUSE_INIT = 26;
export const FUSE_OPENDIR = 27;
export const FUSE_READDIR = 28;
export const FUSE_RELEASEDIR = 29;
export const FUSE_FSYNCDIR = 30;
export const FUSE_GETLK = 31;
export const FUSE_SETLK = 32;
export const FUSE_SETLKW = 33;
export const FUSE_ACCESS = 34;
export const FUSE_CREATE = 35;
export const FUSE_INTERRUPT = 36;
export const FUSE_DESTROY = 38;
export const FUSE_IOCTL = 39;
export const FUSE_POLL = 40;
export const FUSE_NOTIFY_REPLY = 41;
export const FUSE_BATCH_FORGET = 42;
export const FUSE_FALLOCATE = 43;
export const FUSE_READDIRPLUS = 44;
export const FUSE_RENAME2 = 45;
export const FUSE_LSEEK = 46;
export const FUSE_COPY_FILE_RANGE = 47;

// Notifications: fuse_out_header.error of a message whose `unique` is 0
export const FUSE_NOTIFY_POLL = 1;
export const FUSE_NOTIFY_INVAL_INODE = 2;
export const FUSE_NOTIFY_INVAL_ENTRY = 3;
export const FUSE_NOTIFY_STORE = 4;
export const FUSE_NOTIFY_RETRIEVE = 5;
export const FUSE_NOTIFY_DELETE = 6;

// fuse_setattr_in.valid
export const FATTR_MODE = 1;
export const FATTR_UID = 2;
export const FATTR_GID = 4;
export const FATTR_SIZE = 8;
export const FATTR_ATIME = 16;
export const FATTR_MTIME = 32;
export const FATTR_FH = 64;
export const FATTR_ATIME_NOW = 128;
export const FATTR_MTIME_NOW = 256;
export const FATTR_CTIME = 1024;

// fuse_init flags
export const FUSE_ASYNC_READ = 1;
export const FUSE_POSIX_LOCKS = 2;
export const FUSE_ATOMIC_O_TRUNC = 8;
export const FUSE_BIG_WRITES = 32;
export const FUSE_DONT_MASK = 1 << 6;
export const FUSE_SPLICE_WRITE = 1 << 7;
export const FUSE_SPLICE_MOVE = 1 << 8;
export const FUSE_SPLICE_READ = 1 << 9;
export const FUSE_FLOCK_LOCKS = 1 << 10;
export const FUSE_HAS_IOCTL_DIR = 1 << 11;
export const FUSE_AUTO_INVAL_DATA = 1 << 12;
export const FUSE_DO_READDIRPLUS = 1 << 13;
export const FUSE_READDIRPLUS_AUTO = 1 << 14;
export const FUSE_WRITEBACK_CACHE = 1 << 16;
export const FUSE_NO_OPEN_SUPPORT = 1 << 17;
export const FUSE_PARALLEL_DIROPS = 1 << 18;
export const FUSE_ABORT_ERROR = 1 << 21;
export const FUSE_MAX_PAGES = 1 << 22;
export const FUSE_CACHE_SYMLINKS = 1 << 23;
export const FUSE_NO_OPENDIR_SUPPORT = 1 << 24;
export const FUSE_EXPLICIT_INVAL_DATA = 1 << 25;

// fuse_open_out.open_flags
export const FOPEN_DIRECT_IO = 1;
export const FOPEN_KEEP_CACHE = 2;
export const FOPEN_NONSEEKABLE = 4;
export const FOPEN_STREAM = 16;
export const FOPEN_NOFLUSH = 32;

// Smaller flags of single requests
export const FUSE_GETATTR_FH = 1;
export const FUSE_RELEASE_FLOCK_UNLOCK = 2;
export const FUSE_WRITE_CACHE = 1;
export const FUSE_LK_FLOCK = 1;
export const FUSE_POLL_SCHEDULE_NOTIFY = 1;
export const FUSE_IOCTL_DIR = 16;

/** The smallest buffer that read(2) of /dev/fuse takes. */
export const FUSE_MIN_READ_BUFFER = 8192;
/** ioctl(2) of /dev/fuse: this descriptor serves the connection of the one at the argument, too. */
export const FUSE_DEV_IOC_CLONE = 0x8004_e500;

// fuse_fsync_in.fsync_flags
export const FUSE_FSYNC_FDATASYNC = 1;

export const FuseInHeader = struct('fuse_in_header', {
  len: u32, opcode: u32, unique: u64, nodeid: u64, uid: u32, gid: u32, pid: u32, total_extlen: u16, _padding: pad(2),
});
export const FuseOutHeader = struct('fuse_out_header', { len: u32, error: i32, unique: u64 });
export const FuseAttr = struct('fuse_attr', {
  ino: u64, size: u64, blocks: u64, atime: u64, mtime: u64, ctime: u64, atimensec: u32, mtimensec: u32, ctimensec: u32,
  mode: u32, nlink: u32, uid: u32, gid: u32, rdev: u32, blksize: u32, flags: u32,
});
export const FuseEntryOut = struct('fuse_entry_out', {
  nodeid: u64, generation: u64, entry_valid: u64, attr_valid: u64, entry_valid_nsec: u32, attr_valid_nsec: u32, attr: FuseAttr,
});
export const FuseAttrOut = struct('fuse_attr_out', { attr_valid: u64, attr_valid_nsec: u32, _dummy: pad(4), attr: FuseAttr });
export const FuseInitIn = struct('fuse_init_in', { major: u32, minor: u32, max_readahead: u32, flags: u32, flags2: u32, _unused: array(u32, 11) });
export const FuseInitOut = struct('fuse_init_out', {
  major: u32, minor: u32, max_readahead: u32, flags: u32, max_background: u16, congestion_threshold: u16, max_write: u32, time_gran: u32,
  max_pages: u16, map_alignment: u16, flags2: u32, _unused: array(u32, 7),
});
export const FuseForgetIn = struct('fuse_forget_in', { nlookup: u64 });
export const FuseBatchForgetIn = struct('fuse_batch_forget_in', { count: u32, _dummy: pad(4, 4) });
export const FuseForgetOne = struct('fuse_forget_one', { nodeid: u64, nlookup: u64 });
export const FuseGetattrIn = struct('fuse_getattr_in', { getattr_flags: u32, _dummy: pad(4), fh: u64 });
export const FuseSetattrIn = struct('fuse_setattr_in', {
  valid: u32, _padding: pad(4), fh: u64, size: u64, lock_owner: u64, atime: u64, mtime: u64, ctime: u64, atimensec: u32, mtimensec: u32,
  ctimensec: u32, mode: u32, _unused4: pad(4), uid: u32, gid: u32, _unused5: pad(4),
});
export const FuseMknodIn = struct('fuse_mknod_in', { mode: u32, rdev: u32, umask: u32, _padding: pad(4) });
export const FuseMkdirIn = struct('fuse_mkdir_in', { mode: u32, umask: u32 });
export const FuseRename2In = struct('fuse_rename2_in', { newdir: u64, flags: u32, _padding: pad(4) });
export const FuseLinkIn = struct('fuse_link_in', { oldnodeid: u64 });
export const FuseOpenIn = struct('fuse_open_in', { flags: u32, open_flags: u32 });
export const FuseCreateIn = struct('fuse_create_in', { flags: u32, mode: u32, umask: u32, open_flags: u32 });
export const FuseOpenOut = struct('fuse_open_out', { fh: u64, open_flags: u32, backing_id: i32 });
/** `off` is the header's `offset`, a name that every view has already. */
export const FuseReadIn = struct('fuse_read_in', {
  fh: u64, off: u64, size: u32, read_flags: u32, lock_owner: u64, flags: u32, _padding: pad(4),
});
export const FuseWriteIn = struct('fuse_write_in', {
  fh: u64, off: u64, size: u32, write_flags: u32, lock_owner: u64, flags: u32, _padding: pad(4),
});
export const FuseWriteOut = struct('fuse_write_out', { size: u32, _padding: pad(4) });
export const FuseReleaseIn = struct('fuse_release_in', { fh: u64, flags: u32, release_flags: u32, lock_owner: u64 });
export const FuseFlushIn = struct('fuse_flush_in', { fh: u64, _unused: pad(4), _padding: pad(4), lock_owner: u64 });
export const FuseFsyncIn = struct('fuse_fsync_in', { fh: u64, fsync_flags: u32, _padding: pad(4) });
export const FuseStatfsOut = struct('fuse_statfs_out', {
  blocks: u64, bfree: u64, bavail: u64, files: u64, ffree: u64, bsize: u32, namelen: u32, frsize: u32, _padding: pad(4), _spare: array(u32, 6),
});
/** A directory entry: the name follows, the whole padded to 8 bytes. */
export const FuseDirent = struct('fuse_dirent', { ino: u64, off: u64, namelen: u32, type: u32 });
/** Where the entry begins behind the attributes in a fuse_direntplus. */
export const FUSE_DIRENTPLUS_ENTRY = FuseEntryOut.size;
export const FuseInterruptIn = struct('fuse_interrupt_in', { unique: u64 });
export const FuseAccessIn = struct('fuse_access_in', { mask: u32, _padding: pad(4) });
export const FuseSetxattrIn = struct('fuse_setxattr_in', { size: u32, flags: u32 });
export const FuseGetxattrIn = struct('fuse_getxattr_in', { size: u32, _padding: pad(4) });
export const FuseGetxattrOut = struct('fuse_getxattr_out', { size: u32, _padding: pad(4) });
export const FuseFallocateIn = struct('fuse_fallocate_in', { fh: u64, off: u64, length: u64, mode: u32, _padding: pad(4) });
export const FuseLseekIn = struct('fuse_lseek_in', { fh: u64, off: u64, whence: u32, _padding: pad(4) });
export const FuseLseekOut = struct('fuse_lseek_out', { off: u64 });
export const FuseCopyFileRangeIn = struct('fuse_copy_file_range_in', {
  fh_in: u64, off_in: u64, nodeid_out: u64, fh_out: u64, off_out: u64, len: u64, flags: u64,
});
export const FuseIoctlIn = struct('fuse_ioctl_in', { fh: u64, flags: u32, cmd: u32, arg: u64, in_size: u32, out_size: u32 });
export const FuseIoctlOut = struct('fuse_ioctl_out', { result: i32, flags: u32, in_iovs: u32, out_iovs: u32 });
export const FusePollIn = struct('fuse_poll_in', { fh: u64, kh: u64, flags: u32, events: u32 });
export const FusePollOut = struct('fuse_poll_out', { revents: u32, _padding: pad(4) });
/** A lock as the server sees it: `end` is the last byte, `type` an F_*LCK. */
export const FuseLkIn = struct('fuse_lk_in', { fh: u64, owner: u64, start: u64, end: u64, type: u32, pid: u32, lk_flags: u32, _padding: pad(4) });
export const FuseLkOut = struct('fuse_lk_out', { start: u64, end: u64, type: u32, pid: u32 });
export const FuseNotifyInvalInodeOut = struct('fuse_notify_inval_inode_out', { ino: u64, off: i64, len: i64 });
export const FuseNotifyInvalEntryOut = struct('fuse_notify_inval_entry_out', { parent: u64, namelen: u32, flags: u32 });
export const FuseNotifyDeleteOut = struct('fuse_notify_delete_out', { parent: u64, child: u64, namelen: u32, _padding: pad(4) });
export const FuseNotifyStoreOut = struct('fuse_notify_store_out', { nodeid: u64, off: u64, size: u32, _padding: pad(4) });
export const FuseNotifyRetrieveOut = struct('fuse_notify_retrieve_out', { notify_unique: u64, nodeid: u64, off: u64, size: u32, _padding: pad(4) });
export const FuseNotifyRetrieveIn = struct('fuse_notify_retrieve_in', { _dummy1: pad(8, 8), off: u64, size: u32, _dummy2: pad(4), _dummy3: pad(16, 8) });
export const FuseNotifyPollWakeupOut = struct('fuse_notify_poll_wakeup_out', { kh: u64 });
