// Removing names: unlink(2), rmdir(2). What still uses the file keeps it; the name is gone at once.
import { type Errno, EBUSY, EINVAL, EISDIR, ENOTDIR, ENOTEMPTY, EPERM, EROFS, isErr } from '../../abi/errno.ts';
import { IN_ATTRIB, IN_DELETE } from '../../abi/eventfd.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { isDirectory } from '../../abi/stat.ts';
import { inodePermission, MAY_EXEC, MAY_WRITE, stickyForbids } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import { isAppendOnly, isProtected } from './attr-flags.ts';
import type { Dentry } from './dentry.ts';
import { dropName, lookupChild } from './dentry-cache.ts';
import type { Inode } from './inode.ts';
import { notifyInode, notifyName } from './notify.ts';
import { lookupParent, type Walk } from './walk.ts';

/** unlinkat(2) without AT_REMOVEDIR. */
export function removeFile(t: Task, dirfd: number, name: string): 0 | Errno {
  const walk = lookupParent(t, dirfd, name);
  if (isErr(walk)) return walk;
  if (walk.last === '' || walk.last === '.' || walk.last === '..') return EISDIR;
  if (isReadOnly(walk)) return EROFS;
  const d = lookupChild(t, walk.dentry, walk.last);
  if (isErr(d)) return d;
  const inode = d.inode!;
  if (walk.trailingSlash) return isDirectory(inode.mode) ? EISDIR : ENOTDIR;
  const r = t.kernel.security.pathRemove(t, walk, d) || mayRemove(t, walk.dentry.inode!, d) || (isDirectory(inode.mode) ? EISDIR : 0);
  if (r !== 0) return r;
  return drop(t, walk, d, walk.dentry.inode!.unlink(t, walk.last, inode));
}

/** rmdir(2). */
export function removeDirectory(t: Task, dirfd: number, name: string): 0 | Errno {
  const walk = lookupParent(t, dirfd, name);
  if (isErr(walk)) return walk;
  if (walk.last === '.') return EINVAL;
  if (walk.last === '..') return ENOTEMPTY;
  if (walk.last === '') return EBUSY;
  if (isReadOnly(walk)) return EROFS;
  const d = lookupChild(t, walk.dentry, walk.last);
  if (isErr(d)) return d;
  const inode = d.inode!;
  const r = t.kernel.security.pathRemove(t, walk, d) || mayRemove(t, walk.dentry.inode!, d) || (isDirectory(inode.mode) ? 0 : ENOTDIR);
  if (r !== 0) return r;
  return drop(t, walk, d, walk.dentry.inode!.rmdir(t, walk.last, inode));
}

/** Write and search permission on the directory, the sticky bit, no active swap file, and nothing mounted there. */
export function mayRemove(t: Task, dir: Inode, victim: Dentry): 0 | Errno {
  const r = inodePermission(t.cred, dir, MAY_WRITE | MAY_EXEC);
  if (r !== 0) return r;
  if (isAppendOnly(dir) || isProtected(victim.inode!) || victim.inode!.isSwapFile || stickyForbids(t.cred, dir, victim.inode!)) return EPERM;
  return victim.mountCount > 0 ? EBUSY : 0;
}

const isReadOnly = (walk: Walk): boolean => ((walk.mount.flags | walk.mount.sb.flags) & MS_RDONLY) !== 0;

/** The inode is held over the removal: watchers hear of the link count before it may go. */
function drop(t: Task, walk: Walk, d: Dentry, r: 0 | Errno): 0 | Errno {
  if (r !== 0) return r;
  const inode = d.inode!;
  if (!isDirectory(inode.mode)) notifyInode(t, inode, IN_ATTRIB);
  notifyName(t, walk.dentry, walk.last, inode, IN_DELETE);
  dropName(d);
  return 0;
}
