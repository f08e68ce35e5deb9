// One operation on the metadata, all or nothing. Blocks are changed in copies; when the operation has succeeded the copies go to the device's page
// cache, and when it fails or must wait for a block, they are thrown away and nothing has happened (house rule check-then-commit). Pages that an
// operation has seen stay in memory until it ends.
import { type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Ext2Inode } from './inode.ts';
import type { Ext2SuperBlock } from './super.ts';

export class Txn {
  readonly sb: Ext2SuperBlock;
  readonly t: Task;
  /** Changed blocks by number. This and what follows is made on first use: most operations only look. */
  private changed: Map<number, Uint8Array> | null = null;
  /** Frames held until the end. */
  private readonly held: number[] = [];
  /** Inodes whose fields this operation may change, and how they were. */
  private inodes: Map<Ext2Inode, InodeState> | null = null;
  private created: Ext2Inode[] | null = null;
  private freed: number[] | null = null;

  constructor(sb: Ext2SuperBlock, t: Task) {
    this.sb = sb;
    this.t = t;
  }

  /** The block as this operation sees it; not to be written to. */
  read(block: number): Fallible<Uint8Array> {
    const copy = this.changed?.get(block);
    if (copy !== undefined) return copy;
    const { sb } = this;
    if (!sb.isBlock(block)) return sb.corrupt(`block ${block} does not exist`);
    const at = block * sb.blockBytes;
    const pfn = sb.device.pages.getPage(this.t, Math.floor(at / PAGE_SIZE));
    return isErr(pfn) ? pfn : this.window(pfn, at % PAGE_SIZE);
  }

  /** The block, to be changed. */
  modify(block: number): Fallible<Uint8Array> {
    const now = this.read(block);
    if (isErr(now) || this.changed?.has(block) === true) return now;
    const copy = now.slice();
    (this.changed ??= new Map()).set(block, copy);
    return copy;
  }

  /** A block that becomes metadata: zeros, whatever was there. */
  fresh(block: number): Fallible<Uint8Array> {
    const { sb } = this;
    const at = block * sb.blockBytes;
    const index = Math.floor(at / PAGE_SIZE);
    const pfn = sb.blockBytes === PAGE_SIZE ? sb.device.pages.blankPage(index) : sb.device.pages.getPage(this.t, index);
    if (isErr(pfn)) return pfn;
    this.window(pfn, at % PAGE_SIZE);
    const copy = new Uint8Array(sb.blockBytes);
    (this.changed ??= new Map()).set(block, copy);
    return copy;
  }

  /** The block is free: if it was metadata, its contents are not written any more. */
  forget(block: number): void {
    this.changed?.delete(block);
    (this.freed ??= []).push(block);
  }

  /** The inode's fields may be changed from now on; they are written to the table at the end. */
  touch(inode: Ext2Inode): 0 | Errno {
    if (this.inodes?.has(inode) === true) return 0;
    const [block] = this.sb.inodePlace(inode.ino);
    const raw = this.modify(block);
    if (isErr(raw)) return raw;
    (this.inodes ??= new Map()).set(inode, new InodeState(inode));
    return 0;
  }

  /** A new inode: known to the file system once the operation has succeeded. */
  create(inode: Ext2Inode): void { (this.created ??= []).push(inode); }

  /** Ends the operation: `result` decides whether it has happened. */
  end<T>(result: Fallible<T>): Fallible<T> {
    if (isErr(result)) this.abort();
    else if (this.changed !== null) this.commit(this.changed);
    const { frames } = this.sb.kernel;
    for (const pfn of this.held) frames.put(pfn);
    this.held.length = 0;
    return result;
  }

  private commit(changed: Map<number, Uint8Array>): void {
    const { sb } = this;
    for (const inode of this.created ?? []) sb.inodes.set(inode.ino, inode);
    for (const inode of this.inodes?.keys() ?? []) {
      const [block, offset] = sb.inodePlace(inode.ino);
      const raw = changed.get(block);
      if (raw !== undefined) inode.store(raw, offset);
    }
    const { pages } = sb.device;
    const { u8 } = sb.kernel.machine.ram;
    for (const block of this.freed ?? []) pages.forgetPart(...sb.partOf(block));
    for (const [block, bytes] of changed) {
      const [index, mask] = sb.partOf(block);
      const pfn = pages.peek(index);
      if (pfn < 0) continue;          // somebody has discarded the device under us (BLKDISCARD)
      u8.set(bytes, pfn * PAGE_SIZE + (block * sb.blockBytes) % PAGE_SIZE);
      pages.markPart(index, mask);
    }
    sb.changed();
  }

  private abort(): void {
    for (const [inode, before] of this.inodes ?? []) before.restore(inode);
  }

  private window(pfn: number, offset: number): Uint8Array {
    const { frames, machine } = this.sb.kernel;
    frames.get(pfn);
    this.held.push(pfn);
    const at = pfn * PAGE_SIZE + offset;
    return machine.ram.u8.subarray(at, at + this.sb.blockBytes);
  }
}

/** The fields of an inode that operations change. */
class InodeState {
  private readonly fields: Pick<Ext2Inode, 'mode' | 'uid' | 'gid' | 'nlink' | 'size' | 'blocks' | 'flags' | 'xattrBlock' | 'atime' | 'mtime' | 'ctime'>;
  constructor({ mode, uid, gid, nlink, size, blocks, flags, xattrBlock, atime, mtime, ctime }: Ext2Inode) {
    this.fields = { mode, uid, gid, nlink, size, blocks, flags, xattrBlock, atime, mtime, ctime };
  }
  restore(inode: Ext2Inode): void { Object.assign(inode, this.fields); }
}
