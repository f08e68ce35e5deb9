// ext2 inodes in memory: attributes as the VFS knows them, loaded from the inode table and stored there. Pointers stay in the table's blocks, where
// map.ts works on them. An inode with changes that are not stored is held by its super block's list of dirty inodes.
import { type Errno, type Fallible, EIO, ENAMETOOLONG, ESTALE, isErr } from '../../abi/errno.ts';
import { major, makedev, minor, S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type AttrChange, Inode, type Timestamp } from '../../kernel/vfs/inode.ts';
import { applyChange } from '../../kernel/vfs/setattr.ts';
import { latin1Decode, latin1Encode } from '../../lib/utf8.ts';
import { EXTRA_ISIZE, FAST_LINK, InodeExtraLayout, InodeLayout } from './layout.ts';
import { allocBlock } from './alloc.ts';
import { findBlock } from './map.ts';
import type { Ext2SuperBlock } from './super.ts';
import type { Txn } from './txn.ts';
import { getXattr, listXattrs, removeXattr, setXattr } from './xattr.ts';

const view = InodeLayout.view();
const extra = InodeExtraLayout.view();
const POINTERS_AT = InodeLayout.offsets.i_block;

export abstract class Ext2Inode extends Inode {
  declare readonly sb: Ext2SuperBlock;
  /** i_blocks: 512-byte units, pointer blocks included. */
  blocks = 0;
  /** i_flags. */
  flags = 0;
  /** The block with extended attributes, 0: none. */
  xattrBlock = 0;
  /** Directories: the block where room was last found. */
  hint = 0;
  /** Attributes are newer than the table. */
  isUnsaved = false;
  private storedAtime: Timestamp = this.atime;

  /** Is there anything that the disk does not have? */
  get isDirty(): boolean { return this.isUnsaved || (this.pages !== null && this.pages.dirtyCount > 0); }
  get hasNewAtime(): boolean { return this.atime !== this.storedAtime; }

  /** The access time counts as stored, whatever became of it. */
  settleAtime(): void { this.storedAtime = this.atime; }

  // --- table ---------------------------------------------------------------------------------------------------------------------------

  load(raw: Uint8Array, offset: number): void {
    const v = view.over(raw, offset);
    this.mode = v.i_mode;
    this.uid = v.i_uid + v.i_uid_high * 65536;
    this.gid = v.i_gid + v.i_gid_high * 65536;
    this.nlink = v.i_links_count;
    this.size = v.i_size + ((v.i_mode & S_IFMT) === S_IFREG ? v.i_size_high * 2 ** 32 : 0);
    this.blocks = v.i_blocks;
    this.flags = v.i_flags;
    this.xattrBlock = v.i_file_acl;
    const type = v.i_mode & S_IFMT;
    if (type === S_IFCHR || type === S_IFBLK) this.rdev = loadDevice(v.i_block.get(0), v.i_block.get(1));
    const e = this.extraAt(raw, offset);
    this.atime = loadTime(v.i_atime, e?.i_atime_extra ?? 0);
    this.mtime = loadTime(v.i_mtime, e?.i_mtime_extra ?? 0);
    this.ctime = loadTime(v.i_ctime, e?.i_ctime_extra ?? 0);
    this.storedAtime = this.atime;
  }

  store(raw: Uint8Array, offset: number): void {
    const v = view.over(raw, offset);
    v.i_mode = this.mode;
    v.i_uid = this.uid & 0xffff;
    v.i_uid_high = this.uid >>> 16;
    v.i_gid = this.gid & 0xffff;
    v.i_gid_high = this.gid >>> 16;
    v.i_links_count = this.nlink;
    v.i_size = this.size % 2 ** 32;
    if ((this.mode & S_IFMT) === S_IFREG) v.i_size_high = Math.floor(this.size / 2 ** 32);
    v.i_blocks = this.blocks;
    v.i_flags = this.flags;
    v.i_file_acl = this.xattrBlock;
    v.i_atime = this.atime.sec | 0;
    v.i_mtime = this.mtime.sec | 0;
    v.i_ctime = this.ctime.sec | 0;
    const e = this.extraAt(raw, offset);
    if (e !== null) {
      e.i_atime_extra = timeExtra(this.atime);
      e.i_mtime_extra = timeExtra(this.mtime);
      e.i_ctime_extra = timeExtra(this.ctime);
    }
    this.isUnsaved = false;
    this.storedAtime = this.atime;
  }

  /** A new inode's record: zeros, then what only birth decides. `x` has the block. */
  initialise(x: Txn): 0 | Errno {
    const [block, offset] = this.sb.inodePlace(this.ino);
    const raw = x.modify(block);
    if (isErr(raw)) return raw;
    raw.fill(0, offset, offset + this.sb.inodeSize);
    const v = view.over(raw, offset);
    v.i_generation = x.sb.kernel.random.below(2 ** 32);
    const type = this.mode & S_IFMT;
    if (type === S_IFCHR || type === S_IFBLK) {
      const [ma, mi] = [major(this.rdev), minor(this.rdev)];
      if (ma < 256 && mi < 256) v.i_block.set(0, (ma << 8) | mi);
      else v.i_block.set(1, ((mi & 0xff) | (ma << 8) | ((mi & ~0xff) << 12)) >>> 0);
    }
    if (this.sb.inodeSize >= 128 + EXTRA_ISIZE) {
      const e = extra.over(raw, offset + 128);
      e.i_extra_isize = EXTRA_ISIZE;
      e.i_crtime = this.ctime.sec | 0;
      e.i_crtime_extra = timeExtra(this.ctime);
    }
    return x.touch(this);
  }

  private extraAt(raw: Uint8Array, offset: number): typeof extra | null {
    if (this.sb.inodeSize < 128 + EXTRA_ISIZE) return null;
    const e = extra.over(raw, offset + 128);
    return e.i_extra_isize >= 24 && e.i_extra_isize + 128 <= this.sb.inodeSize ? e : null;
  }

  // --- life ----------------------------------------------------------------------------------------------------------------------------

  /** Something is newer than the disk: held until it was written. What has no name any more is never written for its own sake. */
  markDirty(): void {
    this.isUnsaved = true;
    if (this.nlink > 0) this.sb.holdDirty(this);
  }

  /** Contents, then attributes, to the device's cache or the device. */
  flush(t: Task): 0 | Errno {
    const r = this.pages === null ? 0 : this.pages.sync(t);
    return r !== 0 ? r : this.save(t);
  }

  /** Attributes to the inode table. */
  save(t: Task): 0 | Errno {
    if (!this.isUnsaved && !this.hasNewAtime) return 0;
    const x = this.sb.begin(t);
    return x.end(x.touch(this)) as 0 | Errno;
  }

  /** Do the pointers lead to blocks? Not in devices and short links. */
  get hasPointers(): boolean { return true; }
  /** Waits until nothing writes to its blocks. */
  settle(_t: Task): 0 | Errno { return 0; }

  override fsync(t: Task): 0 | Errno { return this.flush(t) || this.sb.syncMetadata(t); }

  override evict(): void { this.sb.evicted(this); }

  // --- attributes ----------------------------------------------------------------------------------------------------------------------

  override setattr(t: Task, change: AttrChange): 0 | Errno {
    if (change.size !== undefined && change.size !== this.size) {
      const r = this.resize(t, change.size);
      if (r !== 0) return r;
    }
    const x = this.sb.begin(t);
    const r = x.touch(this);
    if (r === 0) applyChange(this, change);
    return x.end(r) as 0 | Errno;
  }
  protected resize(_t: Task, _size: number): 0 | Errno { return 0; }

  override usedBlocks(): number { return this.blocks; }
  override blockSize(): number { return this.sb.blockBytes; }

  override getxattr(t: Task, name: string): Fallible<Uint8Array> { return getXattr(this, t, name); }
  override setxattr(t: Task, name: string, value: Uint8Array, flags: number): 0 | Errno { return setXattr(this, t, name, value, flags); }
  override listxattr(t: Task): Fallible<string[]> { return listXattrs(this, t); }
  override removexattr(t: Task, name: string): 0 | Errno { return removeXattr(this, t, name); }
}

/** Symbolic links: short ones in the pointers, long ones in a block. */
export class Ext2Link extends Ext2Inode {
  override readlink(t: Task): Fallible<string> {
    const x = this.sb.begin(t);
    return x.end(this.target(x));
  }

  /** The target lies in a block, the pointers are pointers. */
  override get hasPointers(): boolean { return this.blocks > (this.xattrBlock === 0 ? 0 : this.sb.blockBytes / 512); }

  private target(x: Txn): Fallible<string> {
    if (this.size >= this.sb.blockBytes) return this.sb.corrupt(`symbolic link ${this.ino} is ${this.size} bytes long`);
    if (!this.hasPointers) {
      if (this.size >= FAST_LINK) return EIO;
      const [block, offset] = this.sb.inodePlace(this.ino);
      const raw = x.read(block);
      return isErr(raw) ? raw : latin1Decode(raw, offset + POINTERS_AT, offset + POINTERS_AT + this.size);
    }
    const block = findBlock(x, this, 0);
    if (isErr(block)) return block;
    const bytes = block === 0 ? EIO : x.read(block);
    return isErr(bytes) ? bytes : latin1Decode(bytes, 0, this.size);
  }

  /** Gives a new link its target. */
  write(x: Txn, target: string): 0 | Errno {
    const bytes = latin1Encode(target);
    if (bytes.length >= this.sb.blockBytes) return ENAMETOOLONG;
    this.size = bytes.length;
    const [place, offset] = this.sb.inodePlace(this.ino);
    const raw = x.modify(place);
    if (isErr(raw)) return raw;
    if (bytes.length < FAST_LINK) {
      raw.set(bytes, offset + POINTERS_AT);
      return 0;
    }
    const block = allocBlock(x, this.sb.goalFor(this.ino));
    if (isErr(block)) return block;
    const content = x.fresh(block);
    if (isErr(content)) return content;
    content.set(bytes);
    view.over(raw, offset).i_block.set(0, block);
    this.blocks += this.sb.blockBytes / 512;
    return 0;
  }
}

/** Devices, FIFOs, sockets. */
export class Ext2Special extends Ext2Inode {
  override get hasPointers(): boolean { return false; }
}

/** Is the record of an inode one that a name may lead to? */
export function checkRecord(raw: Uint8Array, offset: number): 0 | Errno {
  const v = view.over(raw, offset);
  return v.i_links_count === 0 || v.i_mode === 0 ? ESTALE : 0;
}
export const modeOf = (raw: Uint8Array, offset: number): number => view.over(raw, offset).i_mode;

/** The inode is gone: its record says since when. */
export function markDeleted(raw: Uint8Array, offset: number, sec: number): void {
  const v = view.over(raw, offset);
  v.i_dtime = sec >>> 0;
  v.i_links_count = 0;
}

/** The type byte of directory entries (1: regular ... 7: symbolic link). */
export function typeByte(mode: number): number {
  switch (mode & S_IFMT) {
    case S_IFREG: return 1;
    case S_IFDIR: return 2;
    case S_IFCHR: return 3;
    case S_IFBLK: return 4;
    case S_IFLNK: return 7;
    default: return (mode & S_IFMT) === 0o010000 ? 5 : 6;
  }
}

function loadDevice(old: number, large: number): number {
  return old !== 0 ? makedev(old >>> 8 & 0xff, old & 0xff) : makedev(large >>> 8 & 0xfff, (large & 0xff) | (large >>> 12 & 0xfff00));
}

/** ext4's extra word: two more bits of seconds, thirty of nanoseconds. */
const loadTime = (sec: number, extra: number): Timestamp => ({ sec: sec + (extra & 3) * 2 ** 32, nsec: Math.min(extra >>> 2, 999_999_999) });
const timeExtra = ({ sec, nsec }: Timestamp): number => ((nsec << 2) | (Math.floor((sec - (sec | 0)) / 2 ** 32) & 3)) >>> 0;
