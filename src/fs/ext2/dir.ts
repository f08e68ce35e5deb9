// ext2 directories: blocks of entries in no order; a removed entry lends its room to the one before it. Cursors of getdents64 are byte offsets. Hashed
// directories (dir_index) are read as what they also are, plain ones, and lose their index with the first change.
import {
  EEXIST, EINVAL, EISDIR, EMLINK, ENOENT, ENOTDIR, EPERM, type Errno, type Fallible, isErr,
} from '../../abi/errno.ts';
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from '../../abi/fcntl.ts';
import { isDirectory, S_IFLNK, S_IFREG } from '../../abi/stat.ts';
import { ownerForNew } from '../../kernel/security/access.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { DirSink, OpenFile } from '../../kernel/vfs/open-file.ts';
import { DirFile } from '../../kernel/vfs/dir-file.ts';
import { allocInode } from './alloc.ts';
import { checkEntry, type Entry, findEntry, insertEntry, isEmpty, nameAt, removeEntry, setEntry, startDirectory } from './entries.ts';
import { Ext2Inode, Ext2Link, typeByte } from './inode.ts';
import { DIRENT_HEADER, FL_INHERITED, INDEX_FL, LINK_MAX } from './layout.ts';
import { findBlock } from './map.ts';
import type { Txn } from './txn.ts';

const NO_ENTRIES = new Uint8Array(0);
/** From the type byte of an entry to DT_* of readdir(3). */
const DT = [0, 8, 4, 2, 6, 1, 12, 10];

export class Ext2Dir extends Ext2Inode {
  override open(_t: Task, flags: number): OpenFile { return new Ext2DirFile(this, flags); }

  override lookup(t: Task, name: string): Fallible<Inode> {
    const x = this.sb.begin(t);
    const e = findEntry(x, this, name);
    return x.end(isErr(e) ? e : this.sb.load(x, e.ino));
  }

  // --- making --------------------------------------------------------------------------------------------------------------------------

  override create(t: Task, name: string, mode: number): Fallible<Inode> { return this.make(t, name, S_IFREG | (mode & 0o7777), 0, null); }
  override mknod(t: Task, name: string, mode: number, rdev: number): Fallible<Inode> { return this.make(t, name, mode, rdev, null); }
  override symlink(t: Task, name: string, target: string): Fallible<Inode> { return this.make(t, name, S_IFLNK | 0o777, 0, target); }
  override mkdir(t: Task, name: string, mode: number): Fallible<Inode> { return this.nlink >= LINK_MAX ? EMLINK : this.make(t, name, mode, 0, null); }

  override tmpfile(t: Task, mode: number): Fallible<Inode> {
    const x = this.sb.begin(t);
    const made = this.newInode(x, S_IFREG | (mode & 0o7777), 0);
    if (!isErr(made)) made.nlink = 0;
    return x.end(made);
  }

  private make(t: Task, name: string, mode: number, rdev: number, target: string | null): Fallible<Inode> {
    const throttled = this.sb.throttle(t);
    if (throttled !== 0) return throttled;
    const x = this.sb.begin(t);
    return x.end(this.makeIn(x, name, mode, rdev, target));
  }

  private makeIn(x: Txn, name: string, mode: number, rdev: number, target: string | null): Fallible<Inode> {
    const made = this.newInode(x, mode, rdev);
    if (isErr(made)) return made;
    let r = insertEntry(x, this, name, made.ino, typeByte(made.mode));
    if (r === 0 && made instanceof Ext2Link) r = made.write(x, target!);
    if (r === 0 && made instanceof Ext2Dir) {
      r = startDirectory(x, made, this.ino);
      made.nlink = 2;
      this.nlink++;
    }
    if (r !== 0) return r;
    this.touchTimes(x);
    return made;
  }

  private newInode(x: Txn, mode: number, rdev: number): Fallible<Ext2Inode> {
    const r = x.touch(this);
    if (r !== 0) return r;
    const kind = isDirectory(mode) ? 'directory' : 'other';
    const ino = allocInode(x, this.ino, kind);
    if (isErr(ino)) return ino;
    const owner = ownerForNew(x.t.cred, this, mode);
    const inode = this.sb.newInode(ino, owner.mode);
    inode.uid = owner.uid;
    inode.gid = owner.gid;
    inode.rdev = rdev;
    inode.flags = this.flags & FL_INHERITED;
    inode.atime = inode.mtime = inode.ctime = x.sb.kernel.realtime();
    x.create(inode);
    const i = inode.initialise(x);
    return i === 0 ? inode : i;
  }

  override link(t: Task, name: string, inode: Inode): 0 | Errno {
    const to = inode as Ext2Inode;
    if (to.nlink >= LINK_MAX) return EMLINK;
    const x = this.sb.begin(t);
    const r = x.touch(this) || x.touch(to) || insertEntry(x, this, name, to.ino, typeByte(to.mode));
    if (r === 0) {
      to.nlink++;
      to.ctime = this.touchTimes(x);
    }
    return x.end(r) as 0 | Errno;
  }

  // --- removing ------------------------------------------------------------------------------------------------------------------------

  override unlink(t: Task, name: string, inode: Inode): 0 | Errno {
    const x = this.sb.begin(t);
    const victim = inode as Ext2Inode;
    const r = x.touch(this) || x.touch(victim) || this.takeName(x, name, victim);
    if (r === 0) {
      victim.nlink--;
      victim.ctime = this.touchTimes(x);
    }
    const done = x.end(r) as 0 | Errno;
    if (done === 0 && victim.nlink === 0) this.sb.releaseDirty(victim);
    return done;
  }

  override rmdir(t: Task, name: string, inode: Inode): 0 | Errno {
    if (!(inode instanceof Ext2Dir)) return ENOTDIR;
    const x = this.sb.begin(t);
    const r = x.touch(this) || x.touch(inode) || isEmpty(x, inode) || this.takeName(x, name, inode);
    if (r === 0) {
      inode.nlink = 0;
      this.nlink--;
      inode.ctime = this.touchTimes(x);
    }
    const done = x.end(r) as 0 | Errno;
    if (done === 0) this.sb.releaseDirty(inode);
    return done;
  }

  private takeName(x: Txn, name: string, inode: Ext2Inode): 0 | Errno {
    const e = findEntry(x, this, name);
    if (isErr(e)) return e;
    return e.ino === inode.ino ? removeEntry(x, this, e) : ENOENT;
  }

  // --- renaming ------------------------------------------------------------------------------------------------------------------------

  override rename(t: Task, name: string, newDir: Inode, newName: string, flags: number): 0 | Errno {
    const to = newDir as Ext2Dir;
    const gone: Ext2Inode[] = [];
    const x = this.sb.begin(t);
    const r = x.end(this.renameIn(x, name, to, newName, flags, gone)) as 0 | Errno;
    if (r === 0) for (const inode of gone) this.sb.releaseDirty(inode);
    return r;
  }

  private renameIn(x: Txn, name: string, to: Ext2Dir, newName: string, flags: number, gone: Ext2Inode[]): 0 | Errno {
    const from = findEntry(x, this, name);
    if (isErr(from)) return from;
    const moved = this.sb.load(x, from.ino);
    if (isErr(moved)) return moved;
    const there = findEntry(x, to, newName);
    if (isErr(there) && there !== ENOENT) return there;
    const r = x.touch(this) || x.touch(to) || x.touch(moved);
    if (r !== 0) return r;
    if ((flags & RENAME_EXCHANGE) !== 0) return isErr(there) ? ENOENT : this.exchange(x, from, moved, to, there);
    if (!isErr(there) && (flags & RENAME_NOREPLACE) !== 0) return EEXIST;
    if ((flags & ~RENAME_NOREPLACE) !== 0) return EINVAL;
    return this.moveEntry(x, name, from, moved, to, newName, isErr(there) ? null : there, gone);
  }

  private moveEntry(x: Txn, name: string, from: Entry, moved: Ext2Inode, to: Ext2Dir, newName: string, there: Entry | null, gone: Ext2Inode[]): 0 | Errno {
    const isDir = moved instanceof Ext2Dir;
    if (there === null) {
      if (isDir && to !== this && to.nlink >= LINK_MAX) return EMLINK;
      const r = insertEntry(x, to, newName, moved.ino, typeByte(moved.mode));
      if (r !== 0) return r;
      if (isDir) to.nlink++;
    } else {
      const r = this.replace(x, to, there, moved, gone);
      if (r !== 0) return r;
    }
    // The insertion may have moved things in the block: the old name is looked for again.
    const now = to === this ? findEntry(x, this, name) : from;
    if (isErr(now)) return now;
    const r = removeEntry(x, this, now) || (isDir && to !== this ? setParent(x, moved, to.ino) : 0);
    if (r !== 0) return r;
    if (isDir) this.nlink--;
    this.touchTimes(x);
    moved.ctime = to.touchTimes(x);
    return 0;
  }

  /** `moved` takes the place of what `there` names. Of directories one goes and one comes: `to` keeps its links; `this` loses one in `moveEntry`. */
  private replace(x: Txn, to: Ext2Dir, there: Entry, moved: Ext2Inode, gone: Ext2Inode[]): 0 | Errno {
    const target = this.sb.load(x, there.ino);
    if (isErr(target)) return target;
    if (moved instanceof Ext2Dir && !(target instanceof Ext2Dir)) return ENOTDIR;
    if (!(moved instanceof Ext2Dir) && target instanceof Ext2Dir) return EISDIR;
    const r = x.touch(target) || (target instanceof Ext2Dir ? isEmpty(x, target) : 0) || setEntry(x, there, moved.ino, typeByte(moved.mode));
    if (r !== 0) return r;
    target.nlink = target instanceof Ext2Dir ? 0 : target.nlink - 1;
    target.ctime = to.touchTimes(x);
    if (target.nlink === 0) gone.push(target);
    return 0;
  }

  private exchange(x: Txn, from: Entry, a: Ext2Inode, to: Ext2Dir, there: Entry): 0 | Errno {
    const b = this.sb.load(x, there.ino);
    if (isErr(b)) return b;
    let r = x.touch(b) || setEntry(x, from, b.ino, typeByte(b.mode)) || setEntry(x, there, a.ino, typeByte(a.mode));
    if (r === 0 && to !== this && a instanceof Ext2Dir) r = setParent(x, a, to.ino);
    if (r === 0 && to !== this && b instanceof Ext2Dir) r = setParent(x, b, this.ino);
    if (r !== 0) return r;
    const shift = (b instanceof Ext2Dir ? 1 : 0) - (a instanceof Ext2Dir ? 1 : 0);
    if (to !== this) {
      this.nlink += shift;
      to.nlink -= shift;
    }
    this.touchTimes(x);
    a.ctime = b.ctime = to.touchTimes(x);
    return 0;
  }

  /** The directory has changed. It has been touched by the operation. */
  touchTimes(x: Txn): { sec: number; nsec: number } {
    this.flags &= ~INDEX_FL;
    return (this.mtime = this.ctime = x.sb.kernel.realtime());
  }

  override setattr(...args: Parameters<Ext2Inode['setattr']>): 0 | Errno { return args[1].size === undefined ? super.setattr(...args) : EPERM; }
}

/** '..' of a directory that has moved. */
function setParent(x: Txn, dir: Ext2Dir, parent: number): 0 | Errno {
  const dots = findEntry(x, dir, '..');
  return isErr(dots) ? dots : setEntry(x, dots, parent, 2);
}

class Ext2DirFile extends DirFile {
  declare inode: Ext2Dir;

  override readdir(t: Task, sink: DirSink): 0 | Errno {
    const x = this.inode.sb.begin(t);
    const r = x.end(this.list(x, sink)) as 0 | Errno;
    return r;
  }

  /** Blocks are read from their start, so that a cursor into a removed entry finds the next one. */
  private list(x: Txn, sink: DirSink): 0 | Errno {
    const { inode } = this;
    const { blockBytes, hasTypes } = inode.sb;
    for (let base = this.pos - this.pos % blockBytes; base < inode.size; base += blockBytes) {
      const block = findBlock(x, inode, base / blockBytes);
      if (isErr(block)) return block;
      const raw = block === 0 ? NO_ENTRIES : x.read(block);
      if (isErr(raw)) return raw;
      for (let at = 0; at < raw.length;) {
        const length = checkEntry(x, inode, raw, at);
        if (isErr(length)) return length;
        const ino = (raw[at]! | (raw[at + 1]! << 8) | (raw[at + 2]! << 16) | (raw[at + 3]! << 24)) >>> 0;
        if (ino !== 0 && base + at >= this.pos) {
          const name = nameAt(raw, at + DIRENT_HEADER, raw[at + 6]!);
          if (!sink.emit(name, ino, hasTypes ? DT[raw[at + 7]!] ?? 0 : 0, base + at + length)) return 0;
          this.pos = base + at + length;
        }
        at += length;
      }
      if (this.pos < base + blockBytes) this.pos = base + blockBytes;
    }
    return 0;
  }
}
