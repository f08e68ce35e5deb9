// A host directory as a file system of the guest, read-write or read-only. Owners, modes and times are the host's; what the host forbids
// this process to do, the guest cannot do either. Device nodes and sockets cannot be made (EPERM, as mknod(2) says for such file systems);
// they and FIFOs are shown but never opened here: the guest's kernel gives them their meaning.
import {
  chmodSync, closeSync, constants, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, lchownSync, linkSync, lstatSync, lutimesSync, mkdirSync,
  openSync, readSync, readlinkSync, renameSync, rmdirSync, statfsSync, symlinkSync, truncateSync, unlinkSync, utimesSync, writeSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { EBADF, EEXIST, EINVAL, EISDIR, ENODEV, ENOENT, EOPNOTSUPP, EPERM, EROFS, ESTALE, ENOTDIR } from '../../abi/errno.ts';
import { FATTR_ATIME, FATTR_ATIME_NOW, FATTR_GID, FATTR_MODE, FATTR_MTIME, FATTR_MTIME_NOW, FATTR_SIZE, FATTR_UID, RENAME_EXCHANGE, RENAME_NOREPLACE } from '../host.ts';
import type { AttrChange, DirEntry, FileAttr, FsBackend, FsStat } from '../host.ts';
import { DirNodes } from './dir-nodes.ts';
import type { DirNode } from './dir-nodes.ts';
import { attempt, errnoOf } from './host-errno.ts';
import { O_ACCMODE, O_EXCL, O_TRUNC, fill, hostFlags, inode, isDescriptor, makeFifo, names, own } from './host-file.ts';

interface FileHandle { readonly kind: 'file'; readonly fd: number; readonly node: DirNode }
interface ListHandle { readonly kind: 'directory'; readonly node: DirNode; names: string[] }

export class DirFs implements FsBackend {
  readonly immutable = false; // read-only for the guest is not unchanging: the host goes on writing
  readonly #readOnly: boolean;
  readonly #nodes: DirNodes;
  readonly #handles: (FileHandle | ListHandle | undefined)[] = [];

  /** Throws when `path` is no directory that can be opened. */
  constructor(path: string, options: { readonly access: 'read-write' | 'read-only' }) {
    this.#readOnly = options.access === 'read-only';
    this.#nodes = new DirNodes(path);
  }

  lookup(parent: number, name: string, out: FileAttr): number {
    const dir = this.#nodes.get(parent);
    return dir === undefined ? ENOENT : this.#found(dir, name, out);
  }

  forget(id: number, count: number): void { this.#nodes.forget(id, count); }

  getattr(id: number, out: FileAttr): number {
    const node = this.#nodes.get(id);
    if (node === undefined) return ENOENT;
    const st = this.#stat(node);
    if (typeof st === 'number') return st;
    fill(out, node, st);
    return 0;
  }

  setattr(id: number, change: AttrChange, out: FileAttr): number {
    const node = this.#nodes.get(id);
    if (node === undefined) return ENOENT;
    if (this.#readOnly) return EROFS;
    return attempt(() => this.#change(node, change)) || this.getattr(id, out);
  }

  readlink(id: number, into: Uint8Array): number {
    const node = this.#nodes.get(id);
    if (node === undefined) return ENOENT;
    if (node.type !== constants.S_IFLNK) return EINVAL;
    return this.#onPath(node, path => {
      const target = readlinkSync(path, 'buffer');
      return target.copy(into, 0, 0, Math.min(target.length, into.length));
    });
  }

  open(id: number, flags: number): number {
    const node = this.#nodes.get(id);
    if (node === undefined) return ENOENT;
    if (node.type === constants.S_IFDIR) return EISDIR;
    if (node.type !== constants.S_IFREG) return ENODEV;
    if (this.#readOnly && ((flags & O_ACCMODE) !== 0 || (flags & O_TRUNC) !== 0)) return EROFS;
    const path = this.#nodes.exact(node);
    if (typeof path === 'number') return path;
    // Through a descriptor the last component is the file itself; a name must not be followed.
    const nofollow = isDescriptor(path) ? 0 : constants.O_NOFOLLOW;
    return attempt(() => this.#handle({ kind: 'file', fd: openSync(path, hostFlags(flags) | nofollow), node }));
  }

  create(parent: number, name: string, flags: number, mode: number, uid: number, gid: number, out: FileAttr): number {
    const dir = this.#nodes.get(parent);
    if (dir === undefined) return ENOENT;
    if (this.#readOnly) return EROFS;
    const path = this.#nodes.at(dir, name);
    if (typeof path === 'number') return path;
    const create = hostFlags(flags & ~O_TRUNC) | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = attempt(() => openSync(path, create, mode & 0o7777));
    if (fd === EEXIST && (flags & O_EXCL) === 0) return this.#found(dir, name, out) || this.open(out.id, flags);
    if (fd < 0) return fd;
    own(fd, mode, uid, gid);
    const failed = this.#found(dir, name, out);
    if (failed < 0) { closeSync(fd); return failed; }
    return this.#handle({ kind: 'file', fd, node: this.#nodes.get(out.id)! });
  }

  read(handle: number, into: Uint8Array, offset: number): number {
    const file = this.#handles[handle];
    if (file?.kind !== 'file') return EBADF;
    return attempt(() => {
      let done = 0;
      while (done < into.length) {
        const n = readSync(file.fd, into, done, into.length - done, offset + done);
        if (n === 0) break;
        done += n;
      }
      return done;
    });
  }

  write(handle: number, from: Uint8Array, offset: number): number {
    const file = this.#handles[handle];
    if (file?.kind !== 'file') return EBADF;
    let done = 0;
    const result = attempt(() => {
      while (done < from.length) done += writeSync(file.fd, from, done, from.length - done, offset + done);
      return done;
    });
    return done > 0 ? done : result;
  }

  fsync(handle: number, kind: 'all' | 'data'): number {
    const file = this.#handles[handle];
    if (file === undefined) return EBADF;
    if (file.kind === 'directory') return 0;
    return attempt(() => { (kind === 'data' ? fdatasyncSync : fsyncSync)(file.fd); return 0; });
  }

  release(handle: number): void {
    const file = this.#handles[handle];
    if (file === undefined) return; // a slot beyond the end would make the table sparse
    if (file.kind === 'file') attempt(() => { closeSync(file.fd); return 0; });
    this.#handles[handle] = undefined;
  }

  opendir(id: number): number {
    const node = this.#nodes.get(id);
    if (node === undefined) return ENOENT;
    if (node.type !== constants.S_IFDIR) return ENOTDIR;
    const path = this.#nodes.exact(node);
    if (typeof path === 'number') return path;
    return attempt(() => this.#handle({ kind: 'directory', node, names: names(path) }));
  }

  readdir(handle: number, offset: number, out: DirEntry): number {
    const list = this.#handles[handle];
    if (list?.kind !== 'directory') return EBADF;
    if (offset === 0 && list.names.length > 0) attempt(() => this.#relist(list)); // rewinddir(3) shows what is there now
    for (let i = offset; i < list.names.length + 2; i++) {
      const name = i === 0 ? '.' : i === 1 ? '..' : list.names[i - 2]!;
      const st = i < 2 ? this.#stat(i === 0 ? list.node : list.node.aliases[0]?.parent ?? list.node) : this.#lstat(list.node, name);
      if (typeof st === 'number') continue; // gone since the directory was read
      out.name = name;
      out.ino = inode(st);
      out.type = (Number(st.mode) & constants.S_IFMT) >> 12;
      out.next = i + 1;
      return 1;
    }
    return 0;
  }

  releasedir(handle: number): void { this.release(handle); }

  mkdir(parent: number, name: string, mode: number, uid: number, gid: number, out: FileAttr): number {
    return this.#make(parent, name, out, path => {
      mkdirSync(path, mode & 0o777);
      return { mode, uid, gid };
    });
  }

  mknod(parent: number, name: string, mode: number, _rdev: number, uid: number, gid: number, out: FileAttr): number {
    const type = mode & constants.S_IFMT;
    if (type !== constants.S_IFREG && type !== constants.S_IFIFO) return EPERM;
    return this.#make(parent, name, out, path => {
      if (type === constants.S_IFREG) closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, mode & 0o777));
      else makeFifo(path);
      return { mode, uid, gid };
    });
  }

  symlink(parent: number, name: string, target: string, uid: number, gid: number, out: FileAttr): number {
    return this.#make(parent, name, out, path => {
      symlinkSync(Buffer.from(target, 'latin1'), path);
      return { mode: undefined, uid, gid };
    });
  }

  link(id: number, newParent: number, newName: string, out: FileAttr): number {
    const node = this.#nodes.get(id);
    if (node === undefined) return ENOENT;
    const from = this.#nodes.path(node);
    if (typeof from === 'number') return from;
    return this.#make(newParent, newName, out, path => { linkSync(from, path); return undefined; });
  }

  unlink(parent: number, name: string): number { return this.#remove(parent, name, unlinkSync); }
  rmdir(parent: number, name: string): number { return this.#remove(parent, name, rmdirSync); }

  rename(parent: number, name: string, newParent: number, newName: string, flags: number): number {
    const from = this.#nodes.get(parent);
    const to = this.#nodes.get(newParent);
    if (from === undefined || to === undefined) return ENOENT;
    if (this.#readOnly) return EROFS;
    if ((flags & RENAME_EXCHANGE) !== 0) return EINVAL; // renameat2(2): the file system does not support it
    const source = this.#nodes.at(from, name);
    const target = this.#nodes.at(to, newName);
    if (typeof source === 'number') return source;
    if (typeof target === 'number') return target;
    const moved = this.#lstat(from, name);
    const failed = attempt(() => {
      if ((flags & RENAME_NOREPLACE) !== 0 && lstatSync(target, { throwIfNoEntry: false }) !== undefined) return EEXIST;
      this.#nodes.beforeUnlink(to, newName);
      renameSync(source, target);
      return 0;
    });
    if (failed < 0 || typeof moved === 'number') return failed;
    const there = this.#lstat(to, newName);
    if (typeof there !== 'number' && inode(there) === inode(moved)) {
      this.#nodes.afterUnlink(to, newName);
      this.#nodes.afterUnlink(from, name);
      const node = this.#nodes.intern(there);
      if (node.lookups > 0) this.#nodes.addAlias(node, to, newName);
      else this.#nodes.forget(node.id, 0);
    }
    return 0;
  }

  statfs(out: FsStat): number {
    const path = this.#nodes.exact(this.#nodes.get(1)!);
    if (typeof path === 'number') return path;
    return attempt(() => {
      const st = statfsSync(path);
      out.bsize = out.frsize = st.bsize;
      out.blocks = st.blocks; out.bfree = st.bfree; out.bavail = st.bavail;
      out.files = st.files; out.ffree = st.ffree;
      return 0;
    });
  }

  /** Closes every host descriptor; the object must not be used afterwards. */
  close(): void {
    for (const i of this.#handles.keys()) this.release(i);
    this.#nodes.close();
  }

  #found(dir: DirNode, name: string, out: FileAttr): number {
    const st = this.#lstat(dir, name);
    if (typeof st === 'number') return st;
    const node = this.#nodes.intern(st);
    node.lookups++;
    this.#nodes.addAlias(node, dir, name);
    fill(out, node, st);
    return 0;
  }

  #lstat(dir: DirNode, name: string): BigIntStats | number {
    const path = this.#nodes.at(dir, name);
    if (typeof path === 'number') return path;
    try {
      return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? ENOENT;
    } catch (e) {
      return errnoOf(e);
    }
  }

  #stat(node: DirNode): BigIntStats | number {
    try {
      if (node.fd >= 0) return fstatSync(node.fd, { bigint: true });
      const path = this.#nodes.path(node);
      if (typeof path === 'number') return path;
      return lstatSync(path, { bigint: true });
    } catch (e) {
      return errnoOf(e);
    }
  }

  #make(parent: number, name: string, out: FileAttr, make: (path: Buffer) => { mode: number | undefined; uid: number; gid: number } | undefined): number {
    const dir = this.#nodes.get(parent);
    if (dir === undefined) return ENOENT;
    if (this.#readOnly) return EROFS;
    const path = this.#nodes.at(dir, name);
    if (typeof path === 'number') return path;
    return attempt(() => {
      const owner = make(path);
      const failed = this.#found(dir, name, out);
      if (failed < 0 || owner === undefined) return failed;
      const node = this.#nodes.get(out.id)!;
      if (process.getuid?.() === 0) lchownSync(path, owner.uid, owner.gid);
      if (owner.mode !== undefined) this.#chmod(node, owner.mode);
      return this.getattr(out.id, out);
    });
  }

  #remove(parent: number, name: string, remove: (path: Buffer) => void): number {
    const dir = this.#nodes.get(parent);
    if (dir === undefined) return ENOENT;
    if (this.#readOnly) return EROFS;
    const path = this.#nodes.at(dir, name);
    if (typeof path === 'number') return path;
    const failed = attempt(() => {
      this.#nodes.beforeUnlink(dir, name);
      remove(path);
      return 0;
    });
    if (failed === 0) this.#nodes.afterUnlink(dir, name);
    return failed;
  }

  #change(node: DirNode, c: AttrChange): number {
    if ((c.valid & FATTR_SIZE) !== 0) {
      const file = this.#handles[c.handle];
      const failed = file?.kind === 'file' && file.node === node
        ? (ftruncateSync(file.fd, c.size), 0) : this.#onExact(node, path => { truncateSync(path, c.size); return 0; });
      if (failed < 0) return failed;
    }
    if ((c.valid & (FATTR_UID | FATTR_GID)) !== 0) {
      const uid = (c.valid & FATTR_UID) !== 0 ? c.uid : -1;
      const gid = (c.valid & FATTR_GID) !== 0 ? c.gid : -1;
      const failed = this.#onPath(node, path => { lchownSync(path, uid >>> 0, gid >>> 0); return 0; });
      if (failed < 0) return failed;
    }
    if ((c.valid & FATTR_MODE) !== 0) {
      const failed = this.#chmod(node, c.mode);
      if (failed < 0) return failed;
    }
    return (c.valid & (FATTR_ATIME | FATTR_MTIME | FATTR_ATIME_NOW | FATTR_MTIME_NOW)) !== 0 ? this.#utimes(node, c) : 0;
  }

  #chmod(node: DirNode, mode: number): number {
    if (node.type === constants.S_IFLNK) return EOPNOTSUPP;
    return this.#onExact(node, path => { chmodSync(path, mode & 0o7777); return 0; });
  }

  /** Node passes times as float64 seconds: exact to about a quarter of a microsecond. */
  #utimes(node: DirNode, c: AttrChange): number {
    const st = this.#stat(node);
    if (typeof st === 'number') return st;
    const now = Date.now() / 1000;
    const pick = (set: number, setNow: number, sec: number, nsec: number, old: bigint) =>
      ((c.valid & setNow) !== 0 ? now : (c.valid & set) !== 0 ? sec + nsec / 1e9 : Number(old) / 1e9);
    const atime = pick(FATTR_ATIME, FATTR_ATIME_NOW, c.atimeSec, c.atimeNsec, st.atimeNs);
    const mtime = pick(FATTR_MTIME, FATTR_MTIME_NOW, c.mtimeSec, c.mtimeNsec, st.mtimeNs);
    if (node.type === constants.S_IFLNK) return this.#onPath(node, path => { lutimesSync(path, atime, mtime); return 0; });
    return this.#onExact(node, path => { utimesSync(path, atime, mtime); return 0; });
  }

  /** For calls that do not follow a link in the last place; unlinked files are reached through their descriptor where it is one. */
  #onPath(node: DirNode, call: (path: Buffer) => number): number {
    let path = this.#nodes.path(node);
    if (path === ENOENT && node.type !== constants.S_IFLNK) path = this.#nodes.exact(node);
    return typeof path === 'number' ? path : attempt(() => call(path));
  }

  /** For calls that would follow a link: never used on links, and exact where the host has descriptors' paths. */
  #onExact(node: DirNode, call: (path: Buffer) => number): number {
    if (node.type === constants.S_IFLNK) return ESTALE;
    const path = this.#nodes.exact(node);
    return typeof path === 'number' ? path : attempt(() => call(path));
  }

  #relist(list: ListHandle): number {
    const path = this.#nodes.exact(list.node);
    if (typeof path !== 'number') list.names = names(path);
    return 0;
  }

  #handle(h: FileHandle | ListHandle): number {
    const free = this.#handles.indexOf(undefined);
    if (free >= 0) { this.#handles[free] = h; return free; }
    return this.#handles.push(h) - 1;
  }
}
