// stat(2), statx(2), inode(7): asm-generic/stat.h, linux/stat.h.

import { array, i32, i64, pad, raw64, struct, u16, u32, u64 } from '../lib/struct.ts';


// File types
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o60000;
export const S_IFDIR = 0o40000;
export const S_IFCHR = 0o20000;
export const S_IFIFO = 0o10000;

// Permission bits
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;
export const S_IRWXU = 0o700;
export const S_IRUSR = 0o400;
export const S_IWUSR = 0o200;
export const S_IXUSR = 0o100;
export const S_IRWXG = 0o70;
export const S_IRGRP = 0o40;
export const S_IWGRP = 0o20;
export const S_IXGRP = 0o10;
export const S_IRWXO = 7;
export const S_IROTH = 4;
export const S_IWOTH = 2;
export const S_IXOTH = 1;

// statx(2) mask
export const STATX_TYPE = 0x1;
export const STATX_MODE = 0x2;
export const STATX_NLINK = 0x4;
export const STATX_UID = 0x8;
export const STATX_GID = 0x10;
export const STATX_ATIME = 0x20;
export const STATX_MTIME = 0x40;
export const STATX_CTIME = 0x80;
export const STATX_INO = 0x100;
export const STATX_SIZE = 0x200;
export const STATX_BLOCKS = 0x400;
export const STATX_BASIC_STATS = 0x7ff;
export const STATX_BTIME = 0x800;
export const STATX_MNT_ID = 0x1000;
export const STATX_DIOALIGN = 0x2000;
export const STATX_MNT_ID_UNIQUE = 0x4000;
export const STATX_SUBVOL = 0x8000;
export const STATX_WRITE_ATOMIC = 0x10000;
export const STATX_ALL = 0xfff;
export const STATX__RESERVED = 0x80000000;

// statx(2) attributes
export const STATX_ATTR_COMPRESSED = 0x4;
export const STATX_ATTR_IMMUTABLE = 0x10;
export const STATX_ATTR_APPEND = 0x20;
export const STATX_ATTR_NODUMP = 0x40;
export const STATX_ATTR_ENCRYPTED = 0x800;
export const STATX_ATTR_AUTOMOUNT = 0x1000;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;
export const STATX_ATTR_VERITY = 0x100000;
export const STATX_ATTR_DAX = 0x200000;

/** struct stat of newfstatat(2) and fstat(2). */
export const Stat = struct('stat', {
  st_dev: u64, st_ino: u64, st_mode: u32, st_nlink: u32, st_uid: u32, st_gid: u32, st_rdev: u64, _pad1: pad(8, 8),
  st_size: i64, st_blksize: i32, _pad2: pad(4), st_blocks: i64,
  st_atime: i64, st_atime_nsec: u64, st_mtime: i64, st_mtime_nsec: u64, st_ctime: i64, st_ctime_nsec: u64, _unused: pad(8, 4),
});

export const StatxTimestamp = struct('statx_timestamp', { tv_sec: i64, tv_nsec: u32, _reserved: pad(4) });
/** struct statx of statx(2). */
export const Statx = struct('statx', {
  stx_mask: u32, stx_blksize: u32, stx_attributes: raw64, stx_nlink: u32, stx_uid: u32, stx_gid: u32, stx_mode: u16, _spare0: pad(2),
  stx_ino: u64, stx_size: u64, stx_blocks: u64, stx_attributes_mask: raw64,
  stx_atime: StatxTimestamp, stx_btime: StatxTimestamp, stx_ctime: StatxTimestamp, stx_mtime: StatxTimestamp,
  stx_rdev_major: u32, stx_rdev_minor: u32, stx_dev_major: u32, stx_dev_minor: u32,
  stx_mnt_id: u64, stx_dio_mem_align: u32, stx_dio_offset_align: u32, _spare3: array(u64, 12),
});

/** A device number as st_rdev holds it: 12 bits of major, 20 of minor, makedev(3). */
export const makedev = (major: number, minor: number): number =>
  (((minor & 0xff) | ((major & 0xfff) << 8)) >>> 0) + (minor >>> 8) * 0x10_0000;
/** Major number of an st_rdev below 2^32. */
export const major = (dev: number): number => (dev >>> 8) & 0xfff;
/** Minor number of an st_rdev below 2^32. */
export const minor = (dev: number): number => (dev & 0xff) | ((dev >>> 12) & 0xfff00);

export const isDirectory = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR;
export const isRegular = (mode: number): boolean => (mode & S_IFMT) === S_IFREG;
export const isSymlink = (mode: number): boolean => (mode & S_IFMT) === S_IFLNK;
export const isCharDevice = (mode: number): boolean => (mode & S_IFMT) === S_IFCHR;
export const isBlockDevice = (mode: number): boolean => (mode & S_IFMT) === S_IFBLK;
export const isFifo = (mode: number): boolean => (mode & S_IFMT) === S_IFIFO;
export const isSocket = (mode: number): boolean => (mode & S_IFMT) === S_IFSOCK;
