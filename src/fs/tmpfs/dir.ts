// tmpfs directories: a map from names to inodes, and the entries in order of their making, so that a getdents64 cursor (the number of an
// entry) stays good while others come and go.
import { type Errno, type Fallible, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, isErr } from '../../abi/errno.ts';
import { direntType } from '../../abi/dirent.ts';
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from '../../abi/fcntl.ts';
import { S_IFLNK } from '../../abi/stat.ts';
import { ownerForNew } from '../../kernel/security/access.ts';
import type { Task } from '../../kernel/task/task.ts';
import { DirFile } from '../../kernel/vfs/dir-file.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { DirSink, OpenFile } from '../../kernel/vfs/open-file.ts';
import { isDir, TmpFile, TmpInode, TmpLink, TmpSpecial } from './inode.ts';
import type { TmpfsSuperBlock } from './super.ts';

/** What a name costs in st_size, as Linux' tmpfs counts it. */
const NAME_BYTES = 20;

/** A name; `cookie` orders entries by age and is what d_off tells. */
interface Entry { readonly name: string; inode: TmpInode; readonly cookie: number; gone: boolean }

export class TmpDir extends TmpInode {
  readonly entries = new Map<string, Entry>();
  /** By cookie, removed ones included until there are too many. */
  private order: Entry[] = [];
  private gone = 0;
  /** 0 and 1 are '.' and '..'. */
  private nextCookie = 2;

  constructor(sb: TmpfsSuperBlock, mode: number, uid: number, gid: number) {
    super(sb, mode, uid, gid);
    this.size = 2 * NAME_BYTES;
  }

  override open(_t: Task, flags: number): OpenFile { return new TmpDirFile(this, flags); }

  override lookup(_t: Task, name: string): Fallible<Inode> { return this.entries.get(name)?.inode ?? ENOENT; }

  override create(t: Task, name: string, mode: number): Fallible<Inode> {
    return this.make(t, name, mode, owner => new TmpFile(this.sb, owner.mode & 0o7777, owner.uid, owner.gid));
  }
  override mknod(t: Task, name: string, mode: number, rdev: number): Fallible<Inode> {
    return this.make(t, name, mode, owner => new TmpSpecial(this.sb, owner.mode, owner.uid, owner.gid, rdev));
  }
  override symlink(t: Task, name: string, target: string): Fallible<Inode> {
    return this.make(t, name, S_IFLNK | 0o777, owner => new TmpLink(this.sb, owner.mode, owner.uid, owner.gid, target));
  }
  override mkdir(t: Task, name: string, mode: number): Fallible<Inode> {
    const made = this.make(t, name, mode, owner => new TmpDir(this.sb, owner.mode, owner.uid, owner.gid));
    if (isErr(made)) return made;
    made.nlink = 2;
    this.nlink++;
    return made;
  }
  override tmpfile(t: Task, mode: number): Fallible<Inode> {
    const charged = this.sb.chargeInode();
    if (charged !== 0) return charged;
    const owner = ownerForNew(t.cred, this, mode);
    const inode = new TmpFile(this.sb, owner.mode & 0o7777, owner.uid, owner.gid);
    inode.nlink = 0;
    return inode;
  }

  override link(t: Task, name: string, inode: Inode): 0 | Errno {
    if (this.entries.has(name)) return EEXIST;
    this.insert(name, inode as TmpInode);
    inode.nlink++;
    inode.ctime = this.touch(t);
    return 0;
  }

  override unlink(t: Task, name: string, inode: Inode): 0 | Errno {
    if (this.entries.get(name)?.inode !== inode) return ENOENT;
    inode.nlink--;
    inode.ctime = this.touch(t);
    this.remove(name);
    return 0;
  }

  override rmdir(t: Task, name: string, inode: Inode): 0 | Errno {
    if (!(inode instanceof TmpDir)) return ENOTDIR;
    if (inode.entries.size > 0) return ENOTEMPTY;
    inode.nlink = 0;
    this.nlink--;
    inode.ctime = this.touch(t);
    this.remove(name);
    return 0;
  }

  override rename(t: Task, name: string, newDir: Inode, newName: string, flags: number): 0 | Errno {
    const to = newDir as TmpDir;
    const moved = this.entries.get(name)?.inode;
    if (moved === undefined) return ENOENT;
    const target = to.entries.get(newName)?.inode;
    if ((flags & RENAME_NOREPLACE) !== 0 && target !== undefined) return EEXIST;
    if ((flags & RENAME_EXCHANGE) !== 0) return target === undefined ? ENOENT : this.exchange(t, name, moved, to, newName, target);
    if ((flags & ~RENAME_NOREPLACE) !== 0) return EINVAL;
    const r = target === undefined ? 0 : replaceable(moved, target);
    if (r !== 0) return r;

    if (target !== undefined) {
      if (isDir(target)) {
        target.nlink = 0;
        to.nlink--;
      } else {
        target.nlink--;
      }
      target.ctime = t.kernel.realtime();
      to.remove(newName);
    }
    to.insert(newName, moved);
    this.remove(name);
    if (isDir(moved)) {
      this.nlink--;
      to.nlink++;
    }
    this.touch(t);
    moved.ctime = to.touch(t);
    return 0;
  }

  /** Where entries from `cursor` on begin in the order of cookies. */
  from(cursor: number): { order: readonly Entry[]; index: number } {
    let [lo, hi] = [0, this.order.length];
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.order[mid]!.cookie < cursor) lo = mid + 1;
      else hi = mid;
    }
    return { order: this.order, index: lo };
  }

  /** The kernel's own way in (devtmpfs, root file systems made from data): no permissions, no task. */
  plant(name: string, inode: TmpInode): void {
    this.sb.usedInodes++;
    this.insert(name, inode);
    if (!isDir(inode)) return;
    inode.nlink = 2;
    this.nlink++;
  }
  uproot(name: string): void {
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    entry.inode.nlink = 0;
    this.remove(name);
  }

  /** Unmount: the names go. */
  clear(): void {
    for (const name of [...this.entries.keys()]) this.remove(name);
  }

  private make(t: Task, name: string, mode: number, make: (owner: { uid: number; gid: number; mode: number }) => TmpInode): Fallible<TmpInode> {
    if (this.entries.has(name)) return EEXIST;
    const charged = this.sb.chargeInode();
    if (charged !== 0) return charged;
    const inode = make(ownerForNew(t.cred, this, mode));
    this.insert(name, inode);
    this.touch(t);
    return inode;
  }

  private exchange(t: Task, name: string, a: TmpInode, to: TmpDir, newName: string, b: TmpInode): 0 {
    this.entries.get(name)!.inode = b;
    to.entries.get(newName)!.inode = a;
    const shift = (isDir(b) ? 1 : 0) - (isDir(a) ? 1 : 0);
    this.nlink += shift;
    to.nlink -= shift;
    this.touch(t);
    a.ctime = b.ctime = to.touch(t);
    return 0;
  }

  private insert(name: string, inode: TmpInode): void {
    inode.get();
    const entry: Entry = { name, inode, cookie: this.nextCookie++, gone: false };
    this.entries.set(name, entry);
    this.order.push(entry);
    this.size += NAME_BYTES;
  }

  private remove(name: string): void {
    const entry = this.entries.get(name)!;
    this.entries.delete(name);
    entry.gone = true;
    if (++this.gone > 32 && this.gone > this.entries.size) {
      this.order = this.order.filter(e => !e.gone);
      this.gone = 0;
    }
    this.size -= NAME_BYTES;
    entry.inode.put();
  }

  private touch(t: Task): { sec: number; nsec: number } { return (this.mtime = this.ctime = t.kernel.realtime()); }
}

class TmpDirFile extends DirFile {
  declare inode: TmpDir;

  override readdir(_t: Task, sink: DirSink): 0 {
    if (!this.emitDots(sink)) return 0;
    const { order, index } = this.inode.from(this.pos);
    for (let i = index; i < order.length; i++) {
      const e = order[i]!;
      if (e.gone) continue;
      if (!sink.emit(e.name, e.inode.ino, direntType(e.inode.mode), e.cookie + 1)) return 0;
      this.pos = e.cookie + 1;
    }
    return 0;
  }
}

function replaceable(moved: TmpInode, target: TmpInode): 0 | Errno {
  if (!isDir(target)) return isDir(moved) ? ENOTDIR : 0;
  if (!isDir(moved)) return EISDIR;
  return (target as TmpDir).entries.size > 0 ? ENOTEMPTY : 0;
}
