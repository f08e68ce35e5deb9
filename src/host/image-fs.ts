// A read-only FsBackend over an image: an index and something that reads the pack. Stateless: node ids are index rows plus one, a handle is
// a node id, so nothing is counted and nothing can leak. Directory offsets: 0 is '.', 1 is '..', then the entries.
import { EBADF, EINVAL, EISDIR, ENOENT, ENOTDIR, EROFS } from '../abi/errno.ts';
import { ROOT_ID } from './host.ts';
import type { AttrChange, DirEntry, FileAttr, FsBackend, FsStat } from './host.ts';
import type { ImageIndex } from '../lib/image-index.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from './image-tree.ts';

/** Where an image's contents come from. */
export interface Pack {
  /** Fills `into` from `offset`: the number of bytes (short only at the end), or a negative errno. */
  readAt(into: Uint8Array, offset: number): number;
}

const O_ACCMODE = 3, O_TRUNC = 0o1000;

export class ImageFs implements FsBackend {
  readonly immutable = true;
  readonly #index: ImageIndex;
  readonly #pack: Pack;

  constructor(index: ImageIndex, pack: Pack) {
    this.#index = index;
    this.#pack = pack;
  }

  lookup(parent: number, name: string, out: FileAttr): number {
    const dir = this.#row(parent);
    if (dir < 0) return ENOENT;
    if (this.#kind(dir) !== S_IFDIR) return ENOTDIR;
    const row = this.#index.lookup(dir, name);
    if (row < 0) return ENOENT;
    this.#fill(row, out);
    return 0;
  }

  forget(_id: number, _count: number): void {}

  getattr(id: number, out: FileAttr): number {
    const row = this.#row(id);
    if (row < 0) return ENOENT;
    this.#fill(row, out);
    return 0;
  }

  readlink(id: number, into: Uint8Array): number {
    const row = this.#row(id);
    if (row < 0 || this.#kind(row) !== S_IFLNK) return EINVAL;
    const target = this.#index.target(row);
    const n = Math.min(into.length, target.length);
    into.set(target.subarray(0, n));
    return n;
  }

  open(id: number, flags: number): number {
    const row = this.#row(id);
    if (row < 0) return ENOENT;
    if ((flags & O_ACCMODE) !== 0 || (flags & O_TRUNC) !== 0) return EROFS;
    return id;
  }

  read(handle: number, into: Uint8Array, offset: number): number {
    const row = this.#row(handle);
    if (row < 0) return EBADF;
    if (this.#kind(row) !== S_IFREG) return this.#kind(row) === S_IFDIR ? EISDIR : EINVAL;
    const left = this.#index.size[row]! - offset;
    if (left <= 0) return 0;
    return this.#pack.readAt(left < into.length ? into.subarray(0, left) : into, this.#index.offset[row]! + offset);
  }

  fsync(_handle: number, _kind: 'all' | 'data'): number { return 0; }
  release(_handle: number): void {}

  opendir(id: number): number {
    const row = this.#row(id);
    if (row < 0) return ENOENT;
    return this.#kind(row) === S_IFDIR ? id : ENOTDIR;
  }

  readdir(handle: number, offset: number, out: DirEntry): number {
    const dir = this.#row(handle);
    if (dir < 0) return EBADF;
    if (offset >= 2 + this.#index.entryCount[dir]!) return 0;
    const entry = this.#index.firstEntry[dir]! + offset - 2;
    const row = offset === 0 ? dir : offset === 1 ? this.#index.parent[dir]! : this.#index.entryNode[entry]!;
    out.name = offset === 0 ? '.' : offset === 1 ? '..' : this.#index.nameOf(entry);
    out.ino = row + 1;
    out.type = this.#kind(row) >> 12;
    out.next = offset + 1;
    return 1;
  }

  releasedir(_handle: number): void {}

  setattr(_id: number, _change: AttrChange, _out: FileAttr): number { return EROFS; }
  create(_parent: number, _name: string, _flags: number, _mode: number, _uid: number, _gid: number, _out: FileAttr): number { return EROFS; }
  write(_handle: number, _from: Uint8Array, _offset: number): number { return EBADF; }
  mkdir(_parent: number, _name: string, _mode: number, _uid: number, _gid: number, _out: FileAttr): number { return EROFS; }
  mknod(_parent: number, _name: string, _mode: number, _rdev: number, _uid: number, _gid: number, _out: FileAttr): number { return EROFS; }
  symlink(_parent: number, _name: string, _target: string, _uid: number, _gid: number, _out: FileAttr): number { return EROFS; }
  link(_id: number, _newParent: number, _newName: string, _out: FileAttr): number { return EROFS; }
  unlink(_parent: number, _name: string): number { return EROFS; }
  rmdir(_parent: number, _name: string): number { return EROFS; }
  rename(_parent: number, _name: string, _newParent: number, _newName: string, _flags: number): number { return EROFS; }

  statfs(out: FsStat): number {
    out.bsize = out.frsize = 4096;
    out.blocks = Math.ceil(this.#index.packBytes / 4096);
    out.bfree = out.bavail = 0;
    out.files = this.#index.nodes;
    out.ffree = 0;
    out.namelen = 255;
    return 0;
  }

  #row(id: number): number {
    return id >= ROOT_ID && id <= this.#index.nodes ? id - 1 : -1;
  }

  #kind(row: number): number {
    return this.#index.mode[row]! & S_IFMT;
  }

  #fill(row: number, out: FileAttr): void {
    const ix = this.#index;
    out.id = out.ino = row + 1;
    out.mode = ix.mode[row]!;
    out.nlink = ix.nlink[row]!;
    out.uid = ix.uid[row]!; out.gid = ix.gid[row]!;
    out.rdev = ix.rdev[row]!;
    out.size = ix.size[row]!;
    out.blocks = Math.ceil(out.size / 512);
    out.blksize = 4096;
    out.atimeSec = out.mtimeSec = out.ctimeSec = ix.mtimeSec[row]!;
    out.atimeNsec = out.mtimeNsec = out.ctimeNsec = ix.mtimeNsec[row]!;
  }
}
