// The FUSE protocol, version 7.38 (linux/fuse.h): messages between a kernel and a file system somewhere else, over /dev/fuse or virtio-fs.
// Every request is a fuse_in_header, its arguments, then names (NUL-terminated) or data; every reply a fuse_out_header and its results.

import { array, i32, pad, struct, u16, u32, u64 } from '../lib/struct.ts';

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
export const FUSE_ACCESS = 34;
export const FUSE_CREATE = 35;
export const FUSE_DESTROY = 38;
export const FUSE_BATCH_FORGET = 42;
export const FUSE_FALLOCATE = 43;
export const FUSE_READDIRPLUS = 44;
export const FUSE_RENAME2 = 45;
export const FUSE_LSEEK = 46;

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
export const FUSE_ATOMIC_O_TRUNC = 8;
export const FUSE_BIG_WRITES = 32;
export const FUSE_DO_READDIRPLUS = 1 << 13;
export const FUSE_PARALLEL_DIROPS = 1 << 18;
export const FUSE_MAX_PAGES = 1 << 22;
export const FUSE_CACHE_SYMLINKS = 1 << 23;

// fuse_open_out.open_flags
export const FOPEN_DIRECT_IO = 1;
export const FOPEN_KEEP_CACHE = 2;

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
