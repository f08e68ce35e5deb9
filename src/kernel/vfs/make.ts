// Making names: mkdir(2), mknod(2), symlink(2), link(2). Order of failures as on Linux: what the path says, EEXIST, EROFS, then permission.
import { type Errno, type Fallible, EEXIST, EMLINK, ENOENT, EPERM, EROFS, EXDEV, isErr } from '../../abi/errno.ts';
import { CAP_DAC_READ_SEARCH, CAP_MKNOD } from '../../abi/capability.ts';
import { IN_ATTRIB, IN_CREATE } from '../../abi/eventfd.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_IXGRP } from '../../abi/stat.ts';
import { inodePermission, isOwnerOrCapable, MAY_EXEC, MAY_READ, MAY_WRITE } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import { inheritAcls, modeForNew } from './acl.ts';
import { isProtected } from './attr-flags.ts';
import { instantiate, lookupChild } from './dentry-cache.ts';
import type { Inode } from './inode.ts';
import { Path } from './mount.ts';
import { notifyInode, notifyName } from './notify.ts';
import { lookupParent, type Walk } from './walk.ts';

const LINK_MAX = 2 ** 31;

/** mkdirat(2). */
export function makeDirectory(t: Task, dirfd: number, name: string, mode: number): 0 | Errno {
  const walk = walkToNew(t, dirfd, name, S_IFDIR);
  if (isErr(walk)) return walk;
  const dir = walk.dentry.inode!;
  return finish(t, walk, dir.mkdir(t, walk.last, S_IFDIR | (modeForNew(t, dir, mode) & 0o1777)), mode);
}

/** mknodat(2): files, FIFOs, sockets, and with CAP_MKNOD devices. `mode` includes the type. */
export function makeNode(t: Task, dirfd: number, name: string, mode: number, rdev: number): 0 | Errno {
  const path = makeNodeAt(t, dirfd, name, mode, rdev);
  if (isErr(path)) return path;
  path.put();
  return 0;
}

/** The same, handing out the new path (held): bind(2) of a UNIX socket. */
export function makeNodeAt(t: Task, dirfd: number, name: string, mode: number, rdev: number): Fallible<Path> {
  const type = mode & S_IFMT;
  if ((type === S_IFCHR || (type === S_IFBLK)) && !t.cred.has(CAP_MKNOD) && !(type === S_IFCHR && rdev === 0)) return EPERM;
  const walk = walkToNew(t, dirfd, name, type);
  if (isErr(walk)) return walk;
  const dir = walk.dentry.inode!;
  const bits = (modeForNew(t, dir, mode) & 0o7777) | type;
  const r = finish(t, walk, type === S_IFREG ? dir.create(t, walk.last, bits) : dir.mknod(t, walk.last, bits, rdev), mode);
  if (r !== 0) return r;
  const dentry = lookupChild(t, walk.dentry, walk.last);
  return isErr(dentry) ? dentry : new Path(walk.mount, dentry).get();
}

/** symlinkat(2). */
export function makeSymlink(t: Task, target: string, dirfd: number, name: string): 0 | Errno {
  if (target.length === 0) return ENOENT;
  const walk = walkToNew(t, dirfd, name, S_IFLNK);
  if (isErr(walk)) return walk;
  return finish(t, walk, walk.dentry.inode!.symlink(t, walk.last, target));
}

/** linkat(2): another name for what `from` leads to. `nameless`: files without any name may only be those of O_TMPFILE. */
export function makeLink(t: Task, from: Path, dirfd: number, name: string): 0 | Errno {
  const walk = lookupParent(t, dirfd, name);
  if (isErr(walk)) return walk;
  const r = mayMake(t, walk, 0) || mayLink(t, from, walk);
  if (r !== 0) return r;
  const inode = from.dentry.inode!;
  const linked = walk.dentry.inode!.link(t, walk.last, inode);
  if (isErr(linked)) return linked;
  instantiate(walk.dentry, walk.last, linked === 0 ? inode : linked);
  notifyInode(t, inode, IN_ATTRIB);
  notifyName(t, walk.dentry, walk.last, inode, IN_CREATE);
  return 0;
}

function walkToNew(t: Task, dirfd: number, name: string, type: number): Fallible<Walk> {
  const walk = lookupParent(t, dirfd, name);
  if (isErr(walk)) return walk;
  const r = mayMake(t, walk, type);
  return r === 0 ? walk : r;
}

/** `type`: S_IF* of what is made, 0 for a link, whose rights are looked at elsewhere. */
function mayMake(t: Task, walk: Walk, type: number): 0 | Errno {
  const { last, dentry: parent } = walk;
  if (last === '' || last === '.' || last === '..') return EEXIST;
  const there = lookupChild(t, parent, last);
  if (!isErr(there)) return EEXIST;
  if (there !== ENOENT) return there;
  if (walk.trailingSlash && type !== S_IFDIR) return ENOENT;
  if (parent.inode!.nlink === 0 || !parent.sb.canCreate) return ENOENT;
  return type === 0 ? 0 : isReadOnly(walk) || t.kernel.security.pathMake(t, walk, type) || mayWriteDirectory(t, walk);
}

function mayWriteDirectory(t: Task, walk: Walk): 0 | Errno {
  return isReadOnly(walk) || inodePermission(t.cred, walk.dentry.inode!, MAY_WRITE | MAY_EXEC);
}

const isReadOnly = (walk: Walk): 0 | Errno => ((walk.mount.flags | walk.mount.sb.flags) & MS_RDONLY) !== 0 ? EROFS : 0;

function mayLink(t: Task, from: Path, to: Walk): 0 | Errno {
  const inode = from.dentry.inode!;
  if (from.mount !== to.mount) return EXDEV;
  const r = hardlinkAllowed(t, inode) || isReadOnly(to) || t.kernel.security.pathLink(t, from, to) || mayWriteDirectory(t, to);
  if (r !== 0) return r;
  if (isProtected(inode) || (inode.mode & S_IFMT) === S_IFDIR) return EPERM;
  if (inode.nlink === 0 && !inode.isLinkable) return ENOENT;
  return inode.nlink >= LINK_MAX ? EMLINK : 0;
}

/** fs.protected_hardlinks (proc(5)): others' files only if they are plain, not set-ID, and may be read and written. */
function hardlinkAllowed(t: Task, inode: Inode): 0 | Errno {
  if (isOwnerOrCapable(t.cred, inode)) return 0;
  const { mode } = inode;
  if ((mode & S_IFMT) !== S_IFREG || (mode & S_ISUID) !== 0) return EPERM;
  if ((mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)) return EPERM;
  return inodePermission(t.cred, inode, MAY_READ | MAY_WRITE) === 0 || t.cred.has(CAP_DAC_READ_SEARCH) ? 0 : EPERM;
}

/** `mode`: what was asked for, of things that inherit access control lists. */
function finish(t: Task, walk: Walk, made: Fallible<Inode>, mode = -1): 0 | Errno {
  if (isErr(made)) return made;
  if (mode !== -1) inheritAcls(t, walk.dentry.inode!, made, mode);
  instantiate(walk.dentry, walk.last, made);
  notifyName(t, walk.dentry, walk.last, made, IN_CREATE);
  return 0;
}
