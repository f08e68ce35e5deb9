// Path walk (path_resolution(7), openat2(2)): from a string to a Path, through the dentry cache, mounts and symbolic links.
// A Walk stands on a (mount, dentry) pair it does not hold: nothing can take it away before the walk is over, because the kernel does not
// sleep in between (BLOCKED ends the walk, and the system call walks again). What is handed out is held.
import { type Errno, type Fallible, EAGAIN, ELOOP, ENOENT, ENOTDIR, EXDEV, isErr } from '../../abi/errno.ts';
import {
  AT_FDCWD, RESOLVE_BENEATH, RESOLVE_CACHED, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV,
} from '../../abi/fcntl.ts';
import { MS_NOSYMFOLLOW } from '../../abi/mount.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../abi/stat.ts';
import { inodePermission, MAY_EXEC } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import { pathOf } from './anon-inode.ts';
import type { Dentry } from './dentry.ts';
import { lookupChild } from './dentry-cache.ts';
import { type Mount, Path } from './mount.ts';

/** What a walk is asked for. */
export const LOOKUP_FOLLOW = 1;      // follow a symbolic link at the end
export const LOOKUP_DIRECTORY = 2;   // the end must be a directory
export const LOOKUP_EMPTY = 4;       // "" is the start itself (AT_EMPTY_PATH)

const MAX_LINKS = 40;
const SLASH = 47;
/** Steps of the walk: done, or a symbolic link was put in front of the rest of the path. */
const LINK = 1;

/** The object a path names. The caller holds the result and puts it. */
export function lookupPath(t: Task, dirfd: number, name: string, flags: number, resolve = 0): Fallible<Path> {
  const walk = startWalk(t, dirfd, name, flags, resolve);
  if (isErr(walk)) return walk;
  const r = walk.toEnd(flags);
  return r === 0 ? walk.path() : r;
}

/** A walk that stands on the directory that holds the last component; the component is in `last`. For calls that make, remove or rename. */
export function lookupParent(t: Task, dirfd: number, name: string): Fallible<Walk> {
  const walk = startWalk(t, dirfd, name, 0, 0);
  if (isErr(walk)) return walk;
  const r = walk.toParent();
  return r === 0 ? walk : r;
}

/** A walk at its start: the root, the working directory or the directory `dirfd`. */
export function startWalk(t: Task, dirfd: number, name: string, flags: number, resolve: number): Fallible<Walk> {
  if (name.length === 0 && (flags & LOOKUP_EMPTY) === 0) return ENOENT;
  const absolute = name.charCodeAt(0) === SLASH;
  if (absolute && (resolve & RESOLVE_BENEATH) !== 0) return EXDEV;
  if (absolute && (resolve & RESOLVE_IN_ROOT) === 0) return new Walk(t, t.fs.root.mount, t.fs.root.dentry, name, resolve);
  if (dirfd === AT_FDCWD) return new Walk(t, t.fs.cwd.mount, t.fs.cwd.dentry, name, resolve);
  const file = t.files.get(dirfd);
  if (isErr(file)) return file;
  if (name.length > 0 && (file.inode.mode & S_IFMT) !== S_IFDIR) return ENOTDIR;
  const { mount, dentry } = pathOf(file);
  if (!dentry.sb.cachesNames && name.length > 0) {
    const r = file.inode.refresh(t);      // /proc/PID of a process that is gone: ESRCH
    if (r !== 0) return r;
  }
  return new Walk(t, mount, dentry, name, resolve);
}

export class Walk {
  readonly t: Task;
  mount: Mount;
  dentry: Dentry;
  /** Last component once the walk stands on its directory: 'x', '.', '..', or '' if the path is the root or empty. */
  last = '';
  /** Slashes follow the last component: it must be a directory. */
  trailingSlash = false;
  private text: string;
  private pos = 0;
  private links = 0;
  private readonly resolve: number;
  /** What '/' and '..' cannot leave: the task's root, or the start under RESOLVE_BENEATH and RESOLVE_IN_ROOT. */
  private readonly rootMount: Mount;
  private readonly rootDentry: Dentry;

  constructor(t: Task, mount: Mount, dentry: Dentry, path: string, resolve: number) {
    this.t = t;
    this.mount = mount;
    this.dentry = dentry;
    this.text = path;
    this.resolve = resolve;
    const scoped = (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0;
    this.rootMount = scoped ? mount : t.fs.root.mount;
    this.rootDentry = scoped ? dentry : t.fs.root.dentry;
  }

  /** Where the walk stands, held for the caller. */
  path(): Path { return new Path(this.mount, this.dentry).get(); }

  toEnd(flags: number): 0 | Errno {
    for (;;) {
      const r = this.toParent();
      if (r !== 0) return r;
      if (this.last === '') break;
      const follow = this.trailingSlash || (flags & LOOKUP_FOLLOW) !== 0;
      const s = this.step(this.last, follow ? LOOKUP_FOLLOW : 0);
      if (s === 0) break;
      if (s !== LINK) return s as Errno;
    }
    if ((this.trailingSlash || (flags & LOOKUP_DIRECTORY) !== 0) && !this.isDirectory) return ENOTDIR;
    return (this.resolve & RESOLVE_CACHED) !== 0 ? EAGAIN : 0;
  }

  /** All components but the last one. Its directory is one, and may be searched. */
  toParent(): 0 | Errno {
    for (;;) {
      const path = this.text;
      while (path.charCodeAt(this.pos) === SLASH) this.pos++;
      if (this.pos >= path.length) {
        this.last = '';
        return 0;
      }
      const r = this.maySearch();
      if (r !== 0) return r;
      let end = path.indexOf('/', this.pos);
      if (end < 0) end = path.length;
      const name = path.slice(this.pos, end);
      let next = end;
      while (path.charCodeAt(next) === SLASH) next++;
      this.pos = next;
      if (next >= path.length) {
        this.last = name;
        this.trailingSlash = next > end;
        return 0;
      }
      const s = this.step(name, LOOKUP_FOLLOW);
      if (s < 0) return s as Errno;
    }
  }

  /** One component from here. 0, LINK (walk on: the link's text stands before the rest) or an errno. The directory was checked by toParent. */
  step(name: string, flags: number): number {
    if (name === '.') return 0;
    if (name === '..') return this.up();
    const child = lookupChild(this.t, this.dentry, name);
    if (isErr(child)) return child;
    if ((child.inode!.mode & S_IFMT) === S_IFLNK && (flags & LOOKUP_FOLLOW) !== 0) return this.follow(child);
    this.dentry = child;
    return child.mountCount > 0 ? this.intoMounts() : 0;
  }

  private get isDirectory(): boolean { return (this.dentry.inode!.mode & S_IFMT) === S_IFDIR; }

  private maySearch(): 0 | Errno {
    const dir = this.dentry.inode!;
    if ((dir.mode & S_IFMT) !== S_IFDIR) return ENOTDIR;
    if (dir.sb.attributesExpire) {
      const r = dir.refresh(this.t);
      if (r !== 0) return r;
    }
    return (dir.mode & 0o111) === 0o111 && !dir.sb.isPrivate ? 0 : inodePermission(this.t.cred, dir, MAY_EXEC);
  }

  private up(): 0 | Errno {
    const scoped = (this.resolve & RESOLVE_BENEATH) !== 0;
    for (;;) {
      if (this.dentry === this.rootDentry && this.mount === this.rootMount) return scoped ? EXDEV : 0;
      if (this.dentry !== this.mount.root) break;
      const { parent, mountpoint } = this.mount;
      if (parent === null || mountpoint === null) return 0;
      if ((this.resolve & RESOLVE_NO_XDEV) !== 0) return EXDEV;
      this.mount = parent;
      this.dentry = mountpoint;
    }
    this.dentry = this.dentry.parent ?? this.dentry;
    return this.dentry.mountCount > 0 ? this.intoMounts() : 0;
  }

  /** Onto the topmost mount here. */
  private intoMounts(): 0 | Errno {
    while (this.dentry.mountCount > 0) {
      const m = this.t.kernel.mounts.mountedOn(this.mount, this.dentry);
      if (m === null) break;
      if ((this.resolve & RESOLVE_NO_XDEV) !== 0) return EXDEV;
      this.mount = m;
      this.dentry = m.root;
    }
    return 0;
  }

  private follow(link: Dentry): number {
    if ((this.resolve & RESOLVE_NO_SYMLINKS) !== 0 || ++this.links > MAX_LINKS) return ELOOP;
    if (((this.mount.flags | this.mount.sb.flags) & MS_NOSYMFOLLOW) !== 0) return ELOOP;
    const magic = link.inode!.followMagic(this.t);
    if (magic !== null) {
      if (isErr(magic)) return magic;
      return this.jump(magic);
    }
    const text = link.inode!.readlink(this.t);
    if (isErr(text)) return text;
    if (text.length === 0) return ENOENT;
    if (text.charCodeAt(0) === SLASH) {
      if ((this.resolve & RESOLVE_BENEATH) !== 0) return EXDEV;
      if ((this.resolve & RESOLVE_NO_XDEV) !== 0 && this.mount !== this.rootMount) return EXDEV;
      this.mount = this.rootMount;
      this.dentry = this.rootDentry;
    }
    const rest = this.text.slice(this.pos);
    const slash = rest.length > 0 || this.trailingSlash ? '/' : '';
    this.text = text + slash + rest;
    this.pos = 0;
    this.trailingSlash = false;
    return LINK;
  }

  /** A magic link leads to the object itself; scoped walks cannot allow that. */
  private jump(to: Path): number {
    if ((this.resolve & RESOLVE_NO_MAGICLINKS) !== 0) return ELOOP;
    if ((this.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0) return EXDEV;
    if ((this.resolve & RESOLVE_NO_XDEV) !== 0 && to.mount !== this.mount) return EXDEV;
    this.mount = to.mount;
    this.dentry = to.dentry;
    return 0;
  }
}
