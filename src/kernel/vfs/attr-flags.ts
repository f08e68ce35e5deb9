// Flags of inodes (chattr(1), ioctl_iflags(2)): immutable and append-only, which bind everybody until CAP_LINUX_IMMUTABLE takes them away.
import { type Errno, ENOTTY, EOPNOTSUPP, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_LINUX_IMMUTABLE } from '../../abi/capability.ts';
import { FS_APPEND_FL, FS_IMMUTABLE_FL, FS_VERITY_FL } from '../../abi/ioctl.ts';
import { isOwnerOrCapable, mayWriteThrough } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import { pathOf } from './anon-inode.ts';
import type { Inode } from './inode.ts';
import type { OpenFile } from './open-file.ts';

export const isImmutable = (inode: Inode): boolean => (inode.attrFlags & FS_IMMUTABLE_FL) !== 0;
export const isAppendOnly = (inode: Inode): boolean => (inode.attrFlags & FS_APPEND_FL) !== 0;
/** Neither attributes nor names of it may change. */
export const isProtected = (inode: Inode): boolean => (inode.attrFlags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) !== 0;

/** FS_IOC_GETFLAGS. */
export function getAttrFlags(t: Task, inode: Inode, arg: number): 0 | Errno {
  return inode.settableFlags === 0 ? ENOTTY : t.user.storeU32(arg, inode.attrFlags);
}

/** FS_IOC_SETFLAGS. */
export function setAttrFlags(t: Task, file: OpenFile, arg: number): 0 | Errno {
  const { inode } = file;
  if (inode.settableFlags === 0) return ENOTTY;
  const r = t.user.loadU32(arg);
  if (isErr(r)) return r;
  // FS_VERITY_FL is shown here, but comes from elsewhere and never goes.
  const flags = (t.user.value & ~FS_VERITY_FL) | (inode.attrFlags & FS_VERITY_FL);
  const ro = mayWriteThrough(pathOf(file).mount, inode);
  if (ro !== 0) return ro;
  if (!isOwnerOrCapable(t.cred, inode)) return EPERM;
  if (((flags ^ inode.attrFlags) & (FS_IMMUTABLE_FL | FS_APPEND_FL)) !== 0 && !t.cred.has(CAP_LINUX_IMMUTABLE)) return EPERM;
  if ((flags & ~(inode.settableFlags | FS_VERITY_FL)) !== 0) return EOPNOTSUPP;
  return inode.setAttrFlags(t, flags);
}
