// Discretionary access control: who may do what to an inode (path_resolution(7) "Permissions", capabilities(7), credentials(7)).
// The file-system ids count (fsuid, fsgid); access(2) asks with a credential object whose fs ids are the real ones.
import { type Errno, EACCES, EPERM, EROFS } from '../../abi/errno.ts';
import { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID } from '../../abi/capability.ts';
import { FS_IMMUTABLE_FL } from '../../abi/ioctl.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { S_IFDIR, S_IFMT, S_IFLNK, S_IFREG, S_ISGID, S_ISUID, S_ISVTX, S_IXGRP } from '../../abi/stat.ts';
import type { Inode } from '../vfs/inode.ts';
import type { Mount } from '../vfs/mount.ts';
import type { Credentials } from './credentials.ts';
import { aclPermission } from './posix-acl.ts';

const S_IRWXG = 0o070;

/** The rwx bits of one class, as access(2)'s R_OK W_OK X_OK. */
export const MAY_EXEC = 1, MAY_WRITE = 2, MAY_READ = 4;

/** May `cred` do `mask` (MAY_*) to the inode? 0 or EACCES; EPERM for writing to an immutable one. */
export function inodePermission(cred: Credentials, inode: Inode, mask: number): 0 | Errno {
  const { mode, sb } = inode;
  if (sb.isPrivate && !sb.admits(cred)) return EACCES;
  if (sb.serverDecides) return (mask & MAY_EXEC) !== 0 && (mode & S_IFMT) === S_IFREG && (mode & 0o111) === 0 ? EACCES : 0;
  if ((mask & MAY_WRITE) !== 0 && (inode.attrFlags & FS_IMMUTABLE_FL) !== 0) return EPERM;
  if (inode.acl !== null && cred.fsuid !== inode.uid && (mode & S_IRWXG) !== 0) {
    if (aclPermission(inode.acl, cred, inode.gid, mask) === 0) return 0;
  } else {
    const bits = cred.fsuid === inode.uid ? mode >> 6 : cred.inGroup(inode.gid) ? mode >> 3 : mode;
    if ((bits & mask) === mask) return 0;
  }
  if ((mode & S_IFMT) === S_IFDIR) {
    if ((mask & MAY_WRITE) === 0 && cred.has(CAP_DAC_READ_SEARCH)) return 0;
    return cred.has(CAP_DAC_OVERRIDE) ? 0 : EACCES;
  }
  if (mask === MAY_READ && cred.has(CAP_DAC_READ_SEARCH)) return 0;
  // Nobody may execute a file without any x bit.
  if (((mask & MAY_EXEC) === 0 || (mode & 0o111) !== 0) && cred.has(CAP_DAC_OVERRIDE)) return 0;
  return EACCES;
}

/** EROFS when the file's contents or names may not change here: the mount or its file system is read-only. Devices, FIFOs and sockets do not care. */
export function mayWriteThrough(mount: Mount, inode: Inode): 0 | Errno {
  if (((mount.flags | mount.sb.flags) & MS_RDONLY) === 0) return 0;
  const type = inode.mode & S_IFMT;
  return type === S_IFREG || type === S_IFDIR || type === S_IFLNK ? EROFS : 0;
}

/** Owner rights: fsuid owns it, or CAP_FOWNER. */
export function isOwnerOrCapable(cred: Credentials, inode: Inode): boolean {
  return cred.fsuid === inode.uid || cred.has(CAP_FOWNER) || inode.sb.serverDecides;
}

/** The sticky bit of a directory protects others' files from removal and renaming (unlink(2), EPERM). */
export function stickyForbids(cred: Credentials, dir: Inode, victim: Inode): boolean {
  return (dir.mode & S_ISVTX) !== 0 && victim.uid !== cred.fsuid && dir.uid !== cred.fsuid && !cred.has(CAP_FOWNER);
}

/** chown(2): who may give files away. -1 leaves an id alone. */
export function mayChown(cred: Credentials, inode: Inode, uid: number, gid: number): 0 | Errno {
  if (cred.has(CAP_CHOWN) || inode.sb.serverDecides) return 0;
  if (uid !== -1 && (cred.fsuid !== inode.uid || uid !== inode.uid)) return EPERM;
  if (gid !== -1 && (cred.fsuid !== inode.uid || (gid !== inode.gid && !cred.inGroup(gid)))) return EPERM;
  return 0;
}

/** The mode after chmod(2) by `cred`: set-group-ID is lost on a file of a foreign group. */
export function chmodMode(cred: Credentials, inode: Inode, mode: number): number {
  const bits = mode & 0o7777;
  const keepsSgid = (inode.mode & S_IFMT) === S_IFDIR || cred.inGroup(inode.gid) || cred.has(CAP_FSETID);
  return (inode.mode & S_IFMT) | (keepsSgid ? bits : bits & ~S_ISGID);
}

/** The mode once its owner has changed: set-user-ID goes, and set-group-ID where it is one (with group execute permission). */
export function withoutSetIds(mode: number): number {
  const sgid = (mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP) ? S_ISGID : 0;
  return mode & ~(S_ISUID | sgid);
}

/** The mode after `cred` has changed the contents: set-ID bits of programs go, unless CAP_FSETID. */
export function modeAfterWrite(cred: Credentials, mode: number): number {
  return (mode & (S_ISUID | S_ISGID)) === 0 || (mode & S_IFMT) !== S_IFREG || cred.has(CAP_FSETID) ? mode : withoutSetIds(mode);
}

/** Mode and group of something made in `dir`: a set-group-ID directory hands its group down, and the bit to directories (inode(7)). */
export function ownerForNew(cred: Credentials, dir: Inode, mode: number): { uid: number; gid: number; mode: number } {
  if ((dir.mode & S_ISGID) === 0) return { uid: cred.fsuid, gid: cred.fsgid, mode };
  const isDir = (mode & S_IFMT) === S_IFDIR;
  const foreign = (mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP) && !cred.inGroup(dir.gid) && !cred.has(CAP_FSETID);
  return { uid: cred.fsuid, gid: dir.gid, mode: isDir ? mode | S_ISGID : foreign ? mode & ~S_ISGID : mode };
}
