// From inodes to what stat(2) and statx(2) return.
import { major, minor, type Stat, STATX_ATTR_APPEND, STATX_ATTR_IMMUTABLE, STATX_ATTR_MOUNT_ROOT, STATX_ATTR_NODUMP, STATX_ATTR_VERITY, STATX_BASIC_STATS, STATX_MNT_ID, type Statx, type StatxTimestamp } from '../../abi/stat.ts';
import type { ViewOf } from '../../lib/struct.ts';
import type { Inode, Timestamp } from './inode.ts';
import type { Path } from './mount.ts';

/** stat(2). All fields but the padding, which must be zero already. */
export function fillStat(s: ViewOf<typeof Stat>, inode: Inode): void {
  s.st_dev = inode.sb.dev;
  s.st_ino = inode.ino;
  s.st_mode = inode.mode;
  s.st_nlink = inode.nlink;
  s.st_uid = inode.uid;
  s.st_gid = inode.gid;
  s.st_rdev = inode.rdev;
  s.st_size = inode.size;
  s.st_blksize = inode.blockSize();
  s.st_blocks = inode.usedBlocks();
  s.st_atime = inode.atime.sec;
  s.st_atime_nsec = inode.atime.nsec;
  s.st_mtime = inode.mtime.sec;
  s.st_mtime_nsec = inode.mtime.nsec;
  s.st_ctime = inode.ctime.sec;
  s.st_ctime_nsec = inode.ctime.nsec;
}

/** statx(2), padding aside as above: always all the basic fields and the mount id, whatever was asked for, as the manual allows. */
export function fillStatx(s: ViewOf<typeof Statx>, inode: Inode, path: Path | null): void {
  s.stx_mask = STATX_BASIC_STATS | (path === null ? 0 : STATX_MNT_ID);
  s.stx_attributes_hi = s.stx_attributes_mask_hi = 0;
  s.stx_blksize = inode.blockSize();
  // STATX_ATTR_IMMUTABLE, _APPEND, _NODUMP and _VERITY have the values of the flags.
  const shown = (inode.settableFlags & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND | STATX_ATTR_NODUMP)) | (inode.canVerity ? STATX_ATTR_VERITY : 0);
  s.stx_attributes_mask_lo = STATX_ATTR_MOUNT_ROOT | shown;
  s.stx_attributes_lo = (path !== null && path.dentry === path.mount.root ? STATX_ATTR_MOUNT_ROOT : 0) | (inode.attrFlags & shown);
  s.stx_nlink = inode.nlink;
  s.stx_uid = inode.uid;
  s.stx_gid = inode.gid;
  s.stx_mode = inode.mode;
  s.stx_ino = inode.ino;
  s.stx_size = inode.size;
  s.stx_blocks = inode.usedBlocks();
  fillTime(s.stx_atime, inode.atime);
  fillTime(s.stx_mtime, inode.mtime);
  fillTime(s.stx_ctime, inode.ctime);
  s.stx_rdev_major = major(inode.rdev);
  s.stx_rdev_minor = minor(inode.rdev);
  s.stx_dev_major = major(inode.sb.dev);
  s.stx_dev_minor = minor(inode.sb.dev);
  s.stx_mnt_id = path?.mount.id ?? 0;
}

function fillTime(to: ViewOf<typeof StatxTimestamp>, from: Timestamp): void {
  to.tv_sec = from.sec;
  to.tv_nsec = from.nsec;
}
