// Changing attributes: the checks that chmod(2), chown(2), truncate(2) and utimensat(2) share, and the plain update that most file systems use.
import { type Errno, EFBIG, EINVAL, EISDIR, EPERM, ETXTBSY } from '../../abi/errno.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { IN_ATTRIB, IN_MODIFY } from '../../abi/eventfd.ts';
import { chmodMode, inodePermission, isOwnerOrCapable, MAY_WRITE, mayChown, mayWriteThrough, modeAfterWrite, withoutSetIds } from '../security/access.ts';
import { dropCapabilities } from '../security/file-capabilities.ts';
import { aclAfterChmod } from '../security/posix-acl.ts';
import type { Task } from '../task/task.ts';
import { isAppendOnly, isImmutable, isProtected } from './attr-flags.ts';
import { notifyPath } from './notify.ts';
import type { AttrChange, Inode, Timestamp } from './inode.ts';
import type { Path } from './mount.ts';

/** Largest file: offsets stay exact as JS numbers. */
export const MAX_FILE_SIZE = 2 ** 52;

/** The attribute fields of `change`, except size, set on the inode. What an in-memory file system does in setattr. */
export function applyChange(inode: Inode, change: AttrChange): void {
  if (change.mode !== undefined) inode.mode = change.mode;
  if (change.uid !== undefined) inode.uid = change.uid;
  if (change.gid !== undefined) inode.gid = change.gid;
  if (change.atime !== undefined) inode.atime = change.atime;
  if (change.mtime !== undefined) inode.mtime = change.mtime;
  if (change.ctime !== undefined) inode.ctime = change.ctime;
}

/** chmod(2) on what `path` names. */
export function changeMode(t: Task, path: Path, mode: number): 0 | Errno {
  const inode = path.dentry.inode!;
  const r = mayWriteThrough(path.mount, inode);
  if (r !== 0) return r;
  if (isProtected(inode) || !isOwnerOrCapable(t.cred, inode)) return EPERM;
  const next = chmodMode(t.cred, inode, mode);
  return commit(t, path, { mode: next, ctime: t.kernel.realtime() }) || (inode.acl === null ? 0 : inode.setAcls(t, aclAfterChmod(inode.acl, next), inode.defaultAcl));
}

/** chown(2): -1 leaves an id alone. Set-ID bits of files go, whoever asks. */
export function changeOwner(t: Task, path: Path, uid: number, gid: number): 0 | Errno {
  const inode = path.dentry.inode!;
  const r = mayWriteThrough(path.mount, inode) || (isProtected(inode) ? EPERM : mayChown(t.cred, inode, uid, gid));
  if (r !== 0) return r;
  if ((inode.mode & S_IFMT) !== S_IFDIR) dropCapabilities(t, inode);
  const change: AttrChange = { ctime: t.kernel.realtime() };
  if (uid !== -1) change.uid = uid;
  if (gid !== -1) change.gid = gid;
  if ((inode.mode & S_IFMT) !== S_IFDIR && withoutSetIds(inode.mode) !== inode.mode) change.mode = withoutSetIds(inode.mode);
  // Losing the bits is a change of the mode, which CAP_CHOWN alone does not allow.
  if (change.mode !== undefined && !isOwnerOrCapable(t.cred, inode)) return EPERM;
  return commit(t, path, change);
}

/** utimensat(2). `undefined` leaves a time alone; `now` tells that both are UTIME_NOW, which a writer may do too. */
export function changeTimes(t: Task, path: Path, atime: Timestamp | undefined, mtime: Timestamp | undefined, how: 'now' | 'given'): 0 | Errno {
  const inode = path.dentry.inode!;
  const r = mayWriteThrough(path.mount, inode);
  if (r !== 0) return r;
  if (isImmutable(inode) || (isAppendOnly(inode) && how === 'given')) return EPERM;
  if (!isOwnerOrCapable(t.cred, inode)) {
    if (how === 'given') return EPERM;
    const denied = inodePermission(t.cred, inode, MAY_WRITE);
    if (denied !== 0) return denied;
  }
  const change: AttrChange = { ctime: t.kernel.realtime() };
  if (atime !== undefined) change.atime = atime;
  if (mtime !== undefined) change.mtime = mtime;
  return commit(t, path, change);
}

/** truncate(2) by path: needs write permission. */
export function truncatePath(t: Task, path: Path, size: number): 0 | Errno {
  const inode = path.dentry.inode!;
  const type = inode.mode & S_IFMT;
  if (type !== S_IFREG) return type === S_IFDIR ? EISDIR : EINVAL;
  const r = mayWriteThrough(path.mount, inode) || inodePermission(t.cred, inode, MAY_WRITE) || t.kernel.security.pathTruncate(t, path);
  if (r !== 0) return r;
  if (isAppendOnly(inode)) return EPERM;
  if (isExecuting(t, inode)) return ETXTBSY;
  return changeSize(t, path, inode, size);
}

/** The size itself, permission given: truncate(2), ftruncate(2), O_TRUNC. RLIMIT_FSIZE answers EFBIG; the call layer raises SIGXFSZ. */
export function changeSize(t: Task, path: Path | null, inode: Inode, size: number): 0 | Errno {
  if (size > MAX_FILE_SIZE) return EFBIG;
  if (inode.verity !== null) return EPERM;
  if (size > inode.size && size > fileSizeLimit(t)) return EFBIG;
  if (size <= inode.size && inode.isSwapFile) return ETXTBSY;
  const now = t.kernel.realtime();
  const change: AttrChange = { size, mtime: now, ctime: now };
  const mode = modeAfterWrite(t.cred, inode.mode);
  if (mode !== inode.mode) change.mode = mode;
  const r = inode.setattr(t, change);
  if (r === 0) dropCapabilities(t, inode);
  if (r === 0 && path !== null) notifyPath(t, path, IN_MODIFY);
  return r;
}

/** Does a process run this program? Then nobody may write to it (ETXTBSY). Only files that can be executed are looked for. */
export function isExecuting(t: Task, inode: Inode): boolean {
  if ((inode.mode & 0o111) === 0) return false;
  for (const p of t.kernel.pids.processes.values()) if (p.exe !== null && p.exe.dentry.inode === inode) return true;
  return false;
}

/** RLIMIT_FSIZE. */
export const fileSizeLimit = (t: Task): number => t.process.rlimits[1]!.soft;

function commit(t: Task, path: Path, change: AttrChange): 0 | Errno {
  const r = path.dentry.inode!.setattr(t, change);
  if (r === 0) notifyPath(t, path, IN_ATTRIB);
  return r;
}
