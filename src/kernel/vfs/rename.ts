// rename(2), renameat2(2): checks both names, lets the file system move, then moves the dentries.
import {
  type Errno, type Fallible, EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EROFS, EXDEV, isErr,
} from '../../abi/errno.ts';
import { IN_ATTRIB, IN_MOVE_SELF, IN_MOVED_FROM, IN_MOVED_TO } from '../../abi/eventfd.ts';
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from '../../abi/fcntl.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { isDirectory } from '../../abi/stat.ts';
import { inodePermission, MAY_EXEC, MAY_WRITE } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from './dentry.ts';
import { dropName, exchangeNames, lookupChild, moveName } from './dentry-cache.ts';
import { isBelow } from './mount-table.ts';
import { notifyInode, notifyName } from './notify.ts';
import { mayRemove } from './remove.ts';
import { lookupParent, type Walk } from './walk.ts';

/** renameat2(2); `flags`: RENAME_NOREPLACE, RENAME_EXCHANGE. */
export function rename(t: Task, oldFd: number, oldName: string, newFd: number, newName: string, flags: number): 0 | Errno {
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) !== 0 || flags === (RENAME_NOREPLACE | RENAME_EXCHANGE)) return EINVAL;
  const from = lookupParent(t, oldFd, oldName);
  if (isErr(from)) return from;
  // The second walk may make the dentry cache shrink: hold the first directory, then the first name.
  const fromDir = from.dentry.get();
  const to = lookupParent(t, newFd, newName);
  const r = isErr(to) ? to : renameBetween(t, from, to, flags);
  fromDir.put();
  return r;
}

function renameBetween(t: Task, from: Walk, to: Walk, flags: number): 0 | Errno {
  if (from.mount !== to.mount) return EXDEV;
  if (isSpecial(from.last)) return EBUSY;
  if (isSpecial(to.last)) return (flags & RENAME_NOREPLACE) !== 0 ? EEXIST : EBUSY;
  if (((from.mount.flags | from.mount.sb.flags) & MS_RDONLY) !== 0) return EROFS;
  const source = lookupChild(t, from.dentry, from.last);
  if (isErr(source)) return source;
  source.get();
  const target = lookupTarget(t, to);
  const r = isErr(target) ? target : move(t, from, source, to, target, flags);
  source.put();
  return r;
}

function lookupTarget(t: Task, to: Walk): Fallible<Dentry | null> {
  const target = lookupChild(t, to.dentry, to.last);
  return target === ENOENT ? null : target;
}

function move(t: Task, from: Walk, source: Dentry, to: Walk, target: Dentry | null, flags: number): 0 | Errno {
  const r = mayRename(t, from, source, to, target, flags);
  if (r !== 0) return r;
  if (target !== null && target.inode === source.inode) return 0;    // two names of one file: nothing to do
  const [fromDir, fromName, toName] = [from.dentry, source.name, to.last];
  const failed = fromDir.inode!.rename(t, fromName, to.dentry.inode!, toName, flags);
  if (failed !== 0) return failed;

  const cookie = t.kernel.mounts.inotify.nextCookie();
  if ((flags & RENAME_EXCHANGE) !== 0) {
    exchangeNames(source, target!);
    announce(t, to.dentry, toName, fromDir, fromName, target!, t.kernel.mounts.inotify.nextCookie());
  } else {
    const replaced = target?.inode ?? null;
    if (replaced !== null && !isDirectory(replaced.mode)) notifyInode(t, replaced, IN_ATTRIB);
    if (target !== null) dropName(target);
    moveName(source, to.dentry, toName);
  }
  announce(t, fromDir, fromName, to.dentry, toName, source, cookie);
  return 0;
}

function announce(t: Task, fromDir: Dentry, fromName: string, toDir: Dentry, toName: string, d: Dentry, cookie: number): void {
  const inode = d.inode!;
  notifyName(t, fromDir, fromName, inode, IN_MOVED_FROM, cookie);
  notifyName(t, toDir, toName, inode, IN_MOVED_TO, cookie);
  notifyInode(t, inode, IN_MOVE_SELF);
}

function mayRename(t: Task, from: Walk, source: Dentry, to: Walk, target: Dentry | null, flags: number): 0 | Errno {
  const exchange = (flags & RENAME_EXCHANGE) !== 0;
  if ((flags & RENAME_NOREPLACE) !== 0 && target !== null) return EEXIST;
  if (exchange && target === null) return ENOENT;
  const sourceIsDir = isDirectory(source.inode!.mode);
  if (!sourceIsDir && (from.trailingSlash || (to.trailingSlash && !exchange))) return ENOTDIR;
  if (exchange && to.trailingSlash && !isDirectory(target!.inode!.mode)) return ENOTDIR;
  if (isBelow(to.dentry, source)) return EINVAL;                              // into itself
  if (target !== null && isBelow(from.dentry, target)) return exchange ? EINVAL : ENOTEMPTY;
  if (to.dentry.inode!.nlink === 0) return ENOENT;
  if (target !== null && target.inode === source.inode) return 0;
  const r = t.kernel.security.pathRename(t, from, source, to, target, exchange ? 'exchange' : 'move') || mayRemove(t, from.dentry.inode!, source) || mayReplace(t, to, target);
  if (r !== 0) return r;
  if (target !== null && !exchange) {
    const targetIsDir = isDirectory(target.inode!.mode);
    if (sourceIsDir && !targetIsDir) return ENOTDIR;
    if (!sourceIsDir && targetIsDir) return EISDIR;
  }
  // A directory that changes its parent has its '..' rewritten.
  if (from.dentry !== to.dentry) {
    const dots = sourceIsDir ? inodePermission(t.cred, source.inode!, MAY_WRITE) : 0;
    if (dots !== 0) return dots;
    if (exchange && isDirectory(target!.inode!.mode)) return inodePermission(t.cred, target!.inode!, MAY_WRITE);
  }
  return 0;
}

function mayReplace(t: Task, to: Walk, target: Dentry | null): 0 | Errno {
  return target === null ? inodePermission(t.cred, to.dentry.inode!, MAY_WRITE | MAY_EXEC) : mayRemove(t, to.dentry.inode!, target);
}

const isSpecial = (name: string): boolean => name === '' || name === '.' || name === '..';
