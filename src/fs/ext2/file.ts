// Regular files of ext2: their pages and their open descriptions. Blocks are found when a write(2) begins, so that ENOSPC is told to the writer;
// stores through mappings into holes get theirs at write-back. A block that was given to the file but never written reads as zeros.
import { BLOCKED, EFBIG, EINVAL, ENXIO, EOPNOTSUPP, EBADF, type Errno, ETXTBSY, type Fallible, isErr } from '../../abi/errno.ts';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, O_DSYNC, SEEK_DATA, SEEK_HOLE } from '../../abi/fcntl.ts';
import { BlockCache, type PagePlan } from '../../kernel/block/block-cache.ts';
import { FileSwap } from '../../kernel/block/swap-file.ts';
import type { Frames } from '../../kernel/mm/frames.ts';
import type { SwapStore } from '../../kernel/mm/swap-area.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { RegularFile } from '../../kernel/vfs/regular-file.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { Ext2Inode } from './inode.ts';
import { findBlock, freeBlocks, makeBlock } from './map.ts';
import type { Ext2SuperBlock } from './super.ts';
import type { Txn } from './txn.ts';

export class Ext2File extends Ext2Inode {
  override pages: Ext2Pages;

  constructor(sb: Ext2SuperBlock, ino: number, mode: number) {
    super(sb, ino, mode);
    this.pages = new Ext2Pages(sb.kernel.frames, this);
  }

  override settle(t: Task): 0 | Errno { return this.pages.settle(t); }

  override open(_t: Task, flags: number): OpenFile { return new Ext2OpenFile(this, flags); }

  /** truncate(2). What is cut off must not come back when the file grows again: the rest of its last block is zeroed. */
  protected override resize(t: Task, size: number): 0 | Errno {
    if (size > this.sb.maxFileBytes) return EFBIG;
    if (size > this.size) return this.commitSize(t, size, Infinity);
    const { blockBytes } = this.sb;
    const settled = this.pages.settle(t);
    if (settled !== 0) return settled;
    if (size % blockBytes !== 0) {
      const pfn = this.pages.getPage(t, Math.floor(size / PAGE_SIZE));
      if (isErr(pfn)) return pfn;
    }
    const old = this.size;
    const r = this.commitSize(t, size, Math.ceil(size / blockBytes));
    if (r !== 0) return r;
    this.size = old;
    this.pages.truncate(size);
    if (size % blockBytes !== 0) this.pages.markDirty(Math.floor(size / PAGE_SIZE));
    return 0;
  }

  private commitSize(t: Task, size: number, firstFree: number): 0 | Errno {
    const x = this.sb.begin(t);
    const r = x.touch(this) || (firstFree === Infinity ? 0 : freeBlocks(x, this, firstFree));
    if (r === 0) this.size = size;
    if (r === 0) this.pages.dropUnwritten(firstFree, Infinity);
    return x.end(r) as 0 | Errno;
  }

  /** fallocate(2) PUNCH_HOLE. */
  punchHole(t: Task, start: number, end: number): 0 | Errno {
    const { blockBytes } = this.sb;
    for (const at of [start, end]) {
      const r = at % PAGE_SIZE !== 0 && at < this.size ? this.pages.getPage(t, Math.floor(at / PAGE_SIZE)) : 0;
      if (isErr(r)) return r;
    }
    const [first, last] = [Math.ceil(start / blockBytes), Math.floor(end / blockBytes)];
    const x = this.sb.begin(t);
    const r = this.pages.settle(t) || x.touch(this) || (first < last ? freeBlocks(x, this, first, last) : 0);
    if (x.end(r) !== 0) return r as Errno;
    if (first < last) this.pages.dropUnwritten(first, last);
    this.pages.punchHole(start, end);
    for (const at of [start, end]) if (at % PAGE_SIZE !== 0 && at < this.size) this.pages.markDirty(Math.floor(at / PAGE_SIZE));
    return 0;
  }
}

export class Ext2Pages extends BlockCache {
  declare readonly inode: Ext2File;
  /** Blocks of the file that have storage but no contents there yet. */
  private readonly unwritten = new Set<number>();

  constructor(frames: Frames, inode: Ext2File) { super(frames, inode, inode.sb.device); }

  private get perPage(): number { return PAGE_SIZE / this.inode.sb.blockBytes; }

  override markDirty(index: number): void {
    super.markDirty(index);
    this.inode.markDirty();
  }

  dropUnwritten(first: number, end: number): void {
    for (const block of this.unwritten) if (block >= first && block < end) this.unwritten.delete(block);
  }

  protected override plan(t: Task, index: number, into: PagePlan, purpose: 'read' | 'write'): 0 | Errno {
    const x = this.inode.sb.begin(t);
    return x.end(this.planPage(x, index, into, purpose)) as 0 | Errno;
  }

  private planPage(x: Txn, index: number, into: PagePlan, purpose: 'read' | 'write'): 0 | Errno {
    const { inode, perPage } = this;
    const { blockBytes } = inode.sb;
    const end = Math.min((index + 1) * perPage, Math.ceil(this.size / blockBytes));
    for (let logical = index * perPage; logical < end; logical++) {
      let block = findBlock(x, inode, logical);
      if (isErr(block)) return block;
      if (purpose === 'read' && this.unwritten.has(logical)) block = 0;
      if (purpose === 'write' && block === 0) {
        const r = x.touch(inode);
        if (r !== 0) return r;
        const made = makeBlock(x, inode, logical, this.goal(x, logical));
        if (isErr(made)) return made;
        ({ block } = made);
      }
      into.add((logical - index * perPage) * blockBytes, blockBytes, block === 0 ? -1 : block * (blockBytes / 512));
    }
    return 0;
  }

  /** All blocks of a page are on their way: from now on the disk has them. */
  protected override leaving(index: number): void {
    if (this.unwritten.size > 0) this.dropUnwritten(index * this.perPage, (index + 1) * this.perPage);
  }

  protected override prepareWrite(t: Task, pos: number, length: number): 0 | Errno {
    if (pos + length > this.inode.sb.maxFileBytes) return EFBIG;
    const x = this.inode.sb.begin(t);
    const made: number[] = [];
    const r = x.end(this.makeBlocks(x, pos, length, made)) as 0 | Errno;
    if (r === 0) for (const logical of made) this.unwritten.add(logical);
    return r;
  }

  private makeBlocks(x: Txn, pos: number, length: number, made: number[]): 0 | Errno {
    const { inode } = this;
    const { blockBytes } = inode.sb;
    const end = Math.ceil((pos + length) / blockBytes);
    let last = 0;
    for (let logical = Math.floor(pos / blockBytes); logical < end; logical++) {
      const there = findBlock(x, inode, logical);
      if (isErr(there)) return there;
      last = there;
      if (there !== 0) continue;
      const r = x.touch(inode);
      if (r !== 0) return r;
      const b = makeBlock(x, inode, logical, last > 0 ? last + 1 : this.goal(x, logical));
      if (isErr(b)) return b;
      last = b.block;
      made.push(logical);
    }
    return 0;
  }

  /** Beside the block before, else where the inode lives. */
  private goal(x: Txn, logical: number): number {
    const before = logical === 0 ? 0 : findBlock(x, this.inode, logical - 1);
    return before > 0 ? before + 1 : this.inode.sb.goalFor(this.inode.ino);
  }

  /** Storage beyond the end goes again; inside the file, zeros will be written to it. */
  protected override abandonWrite(t: Task, pos: number, length: number): void {
    const { inode } = this;
    const { blockBytes } = inode.sb;
    const size = Math.ceil(inode.size / blockBytes);
    if (pos + length > inode.size) {
      const x = inode.sb.begin(t);
      if (x.end(x.touch(inode) || freeBlocks(x, inode, size)) === 0) this.dropUnwritten(size, Infinity);
    }
    for (const logical of [...this.unwritten]) {
      if (logical < size && !isErr(this.getPage(t, Math.floor(logical / this.perPage)))) this.markDirty(Math.floor(logical / this.perPage));
    }
  }

  protected override throttle(t: Task): 0 | Errno { return super.throttle(t) || this.inode.sb.throttle(t); }
  protected override cleaned(): void { this.inode.sb.maybeClean(this.inode); }
}

class Ext2OpenFile extends RegularFile {
  declare inode: Ext2File;

  override write(t: Task, io: IoBuffer, start: number): number | Errno {
    const written = t.restart?.data instanceof Written ? t.restart.data : null;
    const n = written === null ? super.write(t, io, start) : written.count;
    if (n <= 0) return n;
    if (written !== null) this.writeEnd = written.end;
    else this.inode.markDirty();
    if ((this.flags & O_DSYNC) === 0) return n;
    const r = this.inode.fsync(t);
    if (r === BLOCKED) t.record().data = new Written(n, this.writeEnd);
    else if (t.restart !== null) t.restart.data = null;
    return r === 0 ? n : r;
  }

  override fallocate(t: Task, mode: number, offset: number, length: number): 0 | Errno {
    if (!this.isWritable) return EBADF;
    if (mode !== (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) return EOPNOTSUPP;
    const { inode } = this;
    if (inode.isSwapFile) return ETXTBSY;
    const end = Math.min(offset + length, inode.size);
    if (offset >= end) return 0;
    const r = inode.punchHole(t, offset, end);
    if (r !== 0) return r;
    inode.mtime = inode.ctime = t.kernel.realtime();
    inode.markDirty();
    return 0;
  }

  /** What was written goes to the disk first, so that nothing of the file is written over the swap later. */
  override swapStore(t: Task, pages: number): Fallible<SwapStore> {
    const { inode } = this;
    const { sb } = inode;
    if (pages * PAGE_SIZE > inode.size) return EINVAL;
    let map = t.restart?.data instanceof SwapMap && t.restart.data.inode === inode ? t.restart.data : null;
    if (map === null) {
      const r = inode.fsync(t);
      if (r !== 0) return r;
      map = new SwapMap(inode, pages * PAGE_SIZE / sb.blockBytes);
    }
    const blocks = map.find(t);
    if (blocks === BLOCKED) t.record().data = map;
    return isErr(blocks) ? blocks : new FileSwap(sb.device, inode, blocks, sb.blockBytes);
  }

  override seek(t: Task, offset: number, whence: number): number | Errno {
    if (whence !== SEEK_DATA && whence !== SEEK_HOLE) return super.seek(t, offset, whence);
    const { inode } = this;
    if (offset < 0 || offset >= inode.size) return ENXIO;
    const { blockBytes } = inode.sb;
    const x = inode.sb.begin(t);
    const end = Math.ceil(inode.size / blockBytes);
    let at = Math.floor(offset / blockBytes);
    for (; at < end; at++) {
      const block = findBlock(x, inode, at);
      if (isErr(block)) return x.end<number>(block) as number;
      const isData = block !== 0 || inode.pages.isDirtyAt(Math.floor(at * blockBytes / PAGE_SIZE));
      if (isData === (whence === SEEK_DATA)) break;
    }
    x.end(0);
    if (at === end && whence === SEEK_DATA) return ENXIO;
    const to = Math.max(offset, Math.min(at * blockBytes, inode.size));
    if (to > Number.MAX_SAFE_INTEGER) return EINVAL;
    this.pos = to;
    return to;
  }
}

/** The search for the blocks of a file, a stretch at a time so that a wait costs no more than that. */
class SwapMap {
  readonly inode: Ext2File;
  private readonly blocks: Uint32Array;
  private done = 0;

  constructor(inode: Ext2File, blocks: number) {
    this.inode = inode;
    this.blocks = new Uint32Array(blocks);
  }

  /** EINVAL: a hole. BLOCKED: what was found stays. */
  find(t: Task): Fallible<Uint32Array> {
    const { sb } = this.inode;
    while (this.done < this.blocks.length) {
      const x = sb.begin(t);
      const r = x.end(this.stretch(x, Math.min(this.blocks.length, this.done + sb.perBlock)));
      if (r !== 0) return r as Errno;
    }
    return this.blocks;
  }

  private stretch(x: Txn, end: number): 0 | Errno {
    for (; this.done < end; this.done++) {
      const block = findBlock(x, this.inode, this.done);
      if (isErr(block)) return block;
      if (block === 0) return EINVAL;
      this.blocks[this.done] = block;
    }
    return 0;
  }
}

/** An O_SYNC write has been copied; only the waiting is left. */
class Written {
  readonly count: number;
  readonly end: number;
  constructor(count: number, end: number) {
    this.count = count;
    this.end = end;
  }
}
