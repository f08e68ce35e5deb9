// open(2), openat(2), openat2(2): from a path and flags to an open file description. Who answers depends on the type of the inode: the file
// system (regular files, directories), a device driver, or ipc (FIFOs). Nothing is created before everything that can fail has been checked.
import {
  type Errno, type Fallible, EACCES, EEXIST, EISDIR, ELOOP, ENOENT, ENOTDIR, ENXIO, EPERM, EROFS, ETXTBSY, EOPNOTSUPP, isErr,
} from '../../abi/errno.ts';
import { IN_CREATE, IN_OPEN } from '../../abi/eventfd.ts';
import {
  O_ACCMODE, O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_PATH, O_RDONLY, O_TMPFILE, O_TRUNC, O_WRONLY,
} from '../../abi/fcntl.ts';
import { MS_NODEV, MS_NOEXEC, MS_RDONLY } from '../../abi/mount.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { openFifo } from '../ipc/fifo.ts';
import { inodePermission, isOwnerOrCapable, MAY_EXEC, MAY_READ, MAY_WRITE, mayWriteThrough } from '../security/access.ts';
import type { OpenUse } from '../security/module.ts';
import type { Task } from '../task/task.ts';
import { inheritAcls, modeForNew } from './acl.ts';
import { isAppendOnly } from './attr-flags.ts';
import { instantiate, lookupChild, namelessDentry } from './dentry-cache.ts';
import type { Inode } from './inode.ts';
import { Path } from './mount.ts';
import { notifyName, notifyPath } from './notify.ts';
import type { OpenFile } from './open-file.ts';
import { PathFile } from './path-file.ts';
import { changeSize, isExecuting } from './setattr.ts';
import { LOOKUP_DIRECTORY, LOOKUP_EMPTY, LOOKUP_FOLLOW, lookupPath, startWalk, type Walk } from './walk.ts';

/** Flags that mean something only while a file is being opened: F_GETFL does not show them. */
const OPEN_ONLY = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC;

/** `mode` counts with O_CREAT and O_TMPFILE; the umask is applied here. The result has one reference: the caller's. */
export function openAt(t: Task, dirfd: number, name: string, flags: number, mode: number, resolve = 0): Fallible<OpenFile> {
  if ((flags & O_PATH) !== 0) return openPathOnly(t, dirfd, name, flags, resolve);
  if ((flags & O_TMPFILE) === O_TMPFILE) return openTemporary(t, dirfd, name, flags, mode, resolve);
  if ((flags & O_CREAT) !== 0) return openOrCreate(t, dirfd, name, flags, mode, resolve);
  const follow = (flags & O_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0;
  const path = lookupPath(t, dirfd, name, follow | ((flags & O_DIRECTORY) !== 0 ? LOOKUP_DIRECTORY : 0), resolve);
  if (isErr(path)) return path;
  const file = openPath(t, path, flags);
  path.put();
  return file;
}

/** Opens a program for execve(2) and execveat(2): execute permission instead of read permission. */
export function openForExec(t: Task, dirfd: number, name: string, flags: 'follow' | 'nofollow', empty: 'empty-ok' | 'named'): Fallible<OpenFile> {
  const path = lookupPath(t, dirfd, name, (flags === 'follow' ? LOOKUP_FOLLOW : 0) | (empty === 'empty-ok' ? LOOKUP_EMPTY : 0));
  if (isErr(path)) return path;
  const r = ((path.mount.flags | path.mount.sb.flags) & MS_NOEXEC) !== 0 ? EACCES : mayExecute(t, path.dentry.inode!);
  const file = r === 0 ? openInode(t, path, O_RDONLY, 'exec') : r;
  path.put();
  return file;
}

/** Opens what `path` names, after the checks that open(2) makes. */
export function openPath(t: Task, path: Path, flags: number): Fallible<OpenFile> {
  const r = mayOpen(t, path, flags);
  return r === 0 ? openInode(t, path, flags) : r;
}

/** The description itself: file permissions were checked, security modules are asked here. */
export function openInode(t: Task, path: Path, flags: number, use: OpenUse = 'open'): Fallible<OpenFile> {
  const inode = path.dentry.inode!;
  const { security } = t.kernel;
  const truncates = (flags & O_TRUNC) !== 0 && (inode.mode & S_IFMT) === S_IFREG;
  const denied = security.fileOpen(t, path, flags, use) || (truncates ? security.pathTruncate(t, path) : 0);
  if (denied !== 0) return denied;
  const file = route(t, path, flags);
  if (isErr(file)) return file;
  file.path ??= path.get();
  security.fileOpened(t, path, file);
  file.flags &= ~OPEN_ONLY;
  if (file.isWritable && (inode.mode & S_IFMT) === S_IFREG) {
    inode.writers++;
    file.countsAsWriter = true;
  }
  const unfit = security.filePostOpen(t, path, file, use);
  if (unfit !== 0) {
    file.put();
    return unfit;
  }
  if (truncates && inode.size > 0) {
    const r = changeSize(t, path, inode, 0);
    if (r !== 0) {
      file.put();
      return r;
    }
  }
  notifyPath(t, path, IN_OPEN);
  return file;
}

function route(t: Task, path: Path, flags: number): Fallible<OpenFile> {
  const inode = path.dentry.inode!;
  switch (inode.mode & S_IFMT) {
    case S_IFLNK: return ELOOP;
    case S_IFSOCK: return ENXIO;
    case S_IFIFO: return inode.openFifo(t, flags) ?? openFifo(t, inode, flags);
    case S_IFCHR: return t.kernel.devices.open(t, 'character', inode, flags);
    case S_IFBLK: return t.kernel.devices.open(t, 'block', inode, flags);
    default: return inode.open(t, flags);
  }
}

/** What open(2) lists under EACCES, EISDIR, ELOOP, EPERM, EROFS and ETXTBSY. */
function mayOpen(t: Task, path: Path, flags: number): 0 | Errno {
  const inode = path.dentry.inode!;
  const type = inode.mode & S_IFMT;
  const access = flags & O_ACCMODE;
  const writes = access !== O_RDONLY || (flags & O_TRUNC) !== 0;
  const fresh = inode.sb.attributesExpire ? inode.refresh(t) : 0;
  if (fresh !== 0) return fresh;
  if (type === S_IFLNK) return ELOOP;
  if (type === S_IFDIR && writes) return EISDIR;
  if ((flags & O_DIRECTORY) !== 0 && type !== S_IFDIR) return ENOTDIR;
  if ((type === S_IFCHR || type === S_IFBLK) && ((path.mount.flags | path.mount.sb.flags) & MS_NODEV) !== 0) return EACCES;
  const mask = (access === O_WRONLY ? 0 : MAY_READ) | (writes ? MAY_WRITE : 0);
  const r = (writes ? mayWriteThrough(path.mount, inode) : 0) || inodePermission(t.cred, inode, mask);
  if (r !== 0) return r;
  if (isAppendOnly(inode) && ((access !== O_RDONLY && (flags & O_APPEND) === 0) || (flags & O_TRUNC) !== 0)) return EPERM;
  if (writes && inode.verity !== null) return EPERM;
  if ((flags & O_NOATIME) !== 0 && !isOwnerOrCapable(t.cred, inode)) return EPERM;
  return writes && type === S_IFREG && isExecuting(t, inode) ? ETXTBSY : 0;
}

/** execve(2): a regular file with execute permission that nobody has open for writing. */
function mayExecute(t: Task, inode: Inode): 0 | Errno {
  const type = inode.mode & S_IFMT;
  if (type === S_IFLNK) return ELOOP;
  if (type !== S_IFREG) return EACCES;
  return inodePermission(t.cred, inode, MAY_EXEC) || (inode.writers > 0 ? ETXTBSY : 0);
}

function openPathOnly(t: Task, dirfd: number, name: string, flags: number, resolve: number): Fallible<OpenFile> {
  const follow = (flags & O_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0;
  const path = lookupPath(t, dirfd, name, follow | ((flags & O_DIRECTORY) !== 0 ? LOOKUP_DIRECTORY : 0), resolve);
  if (isErr(path)) return path;
  const file = new PathFile(path.dentry.inode!, flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW));
  file.path = path;
  return file;
}

/** O_CREAT: walks to the directory, and on through symbolic links, until the name is there or can be made. */
function openOrCreate(t: Task, dirfd: number, name: string, flags: number, mode: number, resolve: number): Fallible<OpenFile> {
  const walk = startWalk(t, dirfd, name, 0, resolve);
  if (isErr(walk)) return walk;
  const follow = (flags & (O_NOFOLLOW | O_EXCL)) === 0 ? LOOKUP_FOLLOW : 0;
  for (;;) {
    const r = walk.toParent();
    if (r !== 0) return r;
    if (walk.last === '' || walk.last === '.' || walk.last === '..') return (flags & O_EXCL) !== 0 ? EEXIST : EISDIR;
    if (walk.trailingSlash) return EISDIR;
    const s = walk.step(walk.last, follow);
    if (s === ENOENT) {
      // It may also come from a dangling link or a removed directory; and to ask again may take time.
      const there = lookupChild(t, walk.dentry, walk.last);
      if (there === ENOENT) return createAndOpen(t, walk, flags, mode);
      return isErr(there) ? there : ENOENT;
    }
    if (s < 0) return s as Errno;
    if (s === 0) break;
  }
  const path = walk.path();
  const file = openExisting(t, path, flags);
  path.put();
  return file;
}

function openExisting(t: Task, path: Path, flags: number): Fallible<OpenFile> {
  const inode = path.dentry.inode!;
  if ((flags & O_EXCL) !== 0 && t.restart?.data !== inode) return EEXIST;
  if ((inode.mode & S_IFMT) === S_IFDIR) return EISDIR;
  return openPath(t, path, flags);
}

function createAndOpen(t: Task, walk: Walk, flags: number, mode: number): Fallible<OpenFile> {
  const parent = walk.dentry;
  const dir = parent.inode!;
  if ((flags & O_DIRECTORY) !== 0) return ENOENT;
  if (dir.nlink === 0 || !parent.sb.canCreate) return ENOENT;
  if (((walk.mount.flags | walk.mount.sb.flags) & MS_RDONLY) !== 0) return EROFS;
  const r = t.kernel.security.pathMake(t, walk, S_IFREG) || inodePermission(t.cred, dir, MAY_WRITE | MAY_EXEC);
  if (r !== 0) return r;
  const inode = dir.create(t, walk.last, S_IFREG | (modeForNew(t, dir, mode) & 0o7777), flags);
  if (isErr(inode)) return inode;
  inheritAcls(t, dir, inode, mode);
  const dentry = instantiate(parent, walk.last, inode);
  const path = new Path(walk.mount, dentry).get();
  notifyName(t, parent, walk.last, inode, IN_CREATE);
  const file = openInode(t, path, flags & ~O_TRUNC, 'create');
  // Should the file system have to wait now, the second run must not take its own file for somebody else's.
  if (isErr(file) && t.restart !== null) t.restart.data ??= inode;
  path.put();
  return file;
}

/** O_TMPFILE: a file without a name in the directory's file system; linkat(2) may give it one unless O_EXCL. */
function openTemporary(t: Task, dirfd: number, name: string, flags: number, mode: number, resolve: number): Fallible<OpenFile> {
  const dirPath = lookupPath(t, dirfd, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, resolve);
  if (isErr(dirPath)) return dirPath;
  const file = makeTemporary(t, dirPath, flags, mode);
  dirPath.put();
  return file;
}

function makeTemporary(t: Task, dirPath: Path, flags: number, mode: number): Fallible<OpenFile> {
  const dir = dirPath.dentry.inode!;
  const r = mayWriteThrough(dirPath.mount, dir) || inodePermission(t.cred, dir, MAY_WRITE | MAY_EXEC);
  if (r !== 0) return r;
  const inode = dir.tmpfile(t, S_IFREG | (modeForNew(t, dir, mode) & 0o7777));
  if (isErr(inode)) return inode === EPERM ? EOPNOTSUPP : inode;
  inheritAcls(t, dir, inode, mode);
  inode.isLinkable = (flags & O_EXCL) === 0;
  const path = new Path(dirPath.mount, namelessDentry(dirPath.dentry, inode)).get();
  const file = openInode(t, path, flags & ~(O_DIRECTORY | O_EXCL), 'create');
  path.put();
  return file;
}

