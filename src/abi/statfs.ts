// statfs(2): asm-generic/statfs.h, linux/magic.h, sys/statvfs.h.

import { i64, pad, raw64, struct, u64 } from '../lib/struct.ts';


// f_flags
export const ST_RDONLY = 0x1;
export const ST_NOSUID = 0x2;
export const ST_NODEV = 0x4;
export const ST_NOEXEC = 0x8;
export const ST_SYNCHRONOUS = 0x10;
export const ST_VALID = 0x20;
export const ST_MANDLOCK = 0x40;
export const ST_NOATIME = 0x400;
export const ST_NODIRATIME = 0x800;
export const ST_RELATIME = 0x1000;
export const ST_NOSYMFOLLOW = 0x2000;

// f_type
export const ANON_INODE_FS_MAGIC = 0x9041934;
export const BPF_FS_MAGIC = 0xcafe4a11;
export const BTRFS_SUPER_MAGIC = 0x9123683e;
export const CGROUP_SUPER_MAGIC = 0x27e0eb;
export const CGROUP2_SUPER_MAGIC = 0x63677270;
export const DEBUGFS_MAGIC = 0x64626720;
export const DEVPTS_SUPER_MAGIC = 0x1cd1;
export const EXT4_SUPER_MAGIC = 0xef53;
export const FUSE_SUPER_MAGIC = 0x65735546;
export const HUGETLBFS_MAGIC = 0x958458f6;
export const ISOFS_SUPER_MAGIC = 0x9660;
export const MQUEUE_MAGIC = 0x19800202;
export const NSFS_MAGIC = 0x6e736673;
export const OVERLAYFS_SUPER_MAGIC = 0x794c7630;
export const PIPEFS_MAGIC = 0x50495045;
export const PROC_SUPER_MAGIC = 0x9fa0;
export const RAMFS_MAGIC = 0x858458f6;
export const SECURITYFS_MAGIC = 0x73636673;
export const SOCKFS_MAGIC = 0x534f434b;
export const SQUASHFS_MAGIC = 0x73717368;
export const SYSFS_MAGIC = 0x62656572;
export const TMPFS_MAGIC = 0x1021994;
export const TRACEFS_MAGIC = 0x74726163;
export const V9FS_MAGIC = 0x1021997;
export const XFS_SUPER_MAGIC = 0x58465342;
export const PID_FS_MAGIC = 0x50494446;

/** statfs(2), fstatfs(2). */
export const Statfs = struct('statfs', {
  f_type: i64, f_bsize: i64, f_blocks: u64, f_bfree: u64, f_bavail: u64, f_files: u64, f_ffree: u64, f_fsid: raw64,
  f_namelen: i64, f_frsize: i64, f_flags: i64, _spare: pad(32, 8),
});
