// Cached pages that lie on a block device: those of the device itself and those of files of a file system on it. A subclass says where a page lies; this
// class makes bios, waits, and writes back in batches. Pages being written are not written a second time until the first has ended.
import { BLOCKED, type Errno, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { KIND_FILE } from '../mm/frame-kinds.ts';
import type { Frames } from '../mm/frames.ts';
import { PageCache } from '../mm/page-cache.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { type IoBuffer, LimitedBuffer } from '../vfs/io-buffer.ts';
import { BioBuilder, IoBatch, OP_READ, OP_WRITE, waitForDisk } from './bio.ts';
import type { BlockDevice } from './disk.ts';

const READ_AHEAD_PAGES = 32;
/** Pages written by one call at most, so that a long list does not pin all memory. */
const WRITE_PAGES = 1024;
/** A long write(2) goes in pieces, each of which is prepared, then copied without waiting. */
const CHUNK = 1 << 20;

/** How far a parked write(2) had come, and where it began: with O_APPEND the end of the file has moved since. */
class WriteProgress {
  readonly start: number;
  readonly done: number;
  constructor(start: number, done: number) {
    this.start = start;
    this.done = done;
  }
}

/** Where one page lies: runs of bytes within it and their sectors; -1: a hole. */
export class PagePlan {
  readonly offsets: number[] = [];
  readonly bytes: number[] = [];
  readonly sectors: number[] = [];

  add(offset: number, bytes: number, sector: number): void {
    this.offsets.push(offset);
    this.bytes.push(bytes);
    this.sectors.push(sector);
  }
}

export abstract class BlockCache extends PageCache {
  readonly device: BlockDevice;
  /** Reads under way, by the first frame they go to. */
  private readonly reads = new Map<number, IoBatch>();
  /** Pages being written. */
  private readonly writing = new Map<number, IoBatch>();
  /** A failed write, told once by sync. */
  private writeError: 0 | Errno = 0;

  constructor(frames: Frames, inode: Inode | null, device: BlockDevice) {
    super(frames, inode, KIND_FILE);
    this.device = device;
    this.readAheadMax = READ_AHEAD_PAGES;
  }

  /** Where page `index` lies. 'write': holes up to the end of the file become storage first. Sectors, ENOSPC, EIO or BLOCKED. */
  protected abstract plan(t: Task, index: number, into: PagePlan, purpose: 'read' | 'write'): 0 | Errno;
  /** Page `index` is being given to the device. */
  protected leaving(_index: number): void {}
  /** After writing: the last dirty page may have gone. */
  protected cleaned(): void {}

  isDirtyAt(index: number): boolean { return this.dirty.has(index) || this.writing.has(index); }
  /** Waits for writes of [first, end) that are under way: what lies there may be given to somebody else afterwards. */
  settle(t: Task, first = 0, end = Infinity): 0 | Errno { return this.writing.size === 0 ? 0 : this.waitFor(t, first, end); }

  // --- reading -------------------------------------------------------------------------------------------------------------------------

  protected override fill(t: Task, index: number, pfns: readonly number[]): 0 | Errno {
    let batch = this.reads.get(pfns[0]!);
    if (batch === undefined) {
      const started = this.startRead(t, index, pfns);
      if (isErr(started)) return started;
      batch = started;
    }
    if (!batch.isDone) {
      this.reads.set(pfns[0]!, batch);
      return waitForDisk(t, batch.waiters);
    }
    this.reads.delete(pfns[0]!);
    return batch.status;
  }

  private startRead(t: Task, index: number, pfns: readonly number[]): IoBatch | Errno {
    const plan = new PagePlan();
    const ends: number[] = [];
    for (let i = 0; i < pfns.length; i++) {
      const r = this.plan(t, index + i, plan, 'read');
      if (isErr(r)) return r;
      ends.push(plan.bytes.length);
    }
    const batch = new IoBatch(this.frames);
    const builder = new BioBuilder(OP_READ, batch, this.device.disk.limits);
    for (let i = 0, at = 0; i < pfns.length; i++) {
      const base = pfns[i]! * PAGE_SIZE;
      let end = 0;
      for (; at < ends[i]!; at++) {
        const offset = plan.offsets[at]!, bytes = plan.bytes[at]!, sector = plan.sectors[at]!;
        if (sector < 0) this.frames.ram.u8.fill(0, base + offset, base + offset + bytes);
        else builder.add(sector, base + offset, bytes);
        end = offset + bytes;
      }
      this.frames.ram.u8.fill(0, base + end, base + PAGE_SIZE);
    }
    const bios = builder.finish();
    if (bios.length > 0) this.device.submit(bios);
    return batch;
  }

  // --- write(2) ------------------------------------------------------------------------------------------------------------------------

  /** Storage for [pos, pos + length), before anything is copied: ENOSPC and BLOCKED come here. */
  protected prepareWrite(_t: Task, _pos: number, _length: number): 0 | Errno { return 0; }

  /** A write failed after `prepareWrite`: what it made ready, [pos, pos + length), was not filled. */
  protected abandonWrite(_t: Task, _pos: number, _length: number): void {}

  /** write(2) at `start`: what was taken, all of it unless something failed. Dirty pages are kept to a share of memory by writing them back first. */
  override write(t: Task, io: IoBuffer, wanted: number): number | Errno {
    const total = io.remaining;
    const earlier = t.restart?.data instanceof WriteProgress ? t.restart.data : null;
    const start = earlier === null ? wanted : earlier.start;
    let done = earlier === null ? 0 : earlier.done;
    skip(io, done);
    while (done < total) {
      const pos = start + done, n = Math.min(total - done, CHUNK - pos % CHUNK);
      let r: number = this.throttle(t) || this.fetchEdges(t, pos, n) || this.prepareWrite(t, pos, n);
      if (r === 0) {
        r = super.write(t, n === io.remaining ? io : new LimitedBuffer(io, n), pos);
        if (r < n && r !== BLOCKED) this.abandonWrite(t, pos + Math.max(0, r), n - Math.max(0, r));
      }
      if (r === BLOCKED) {
        t.record().data = new WriteProgress(start, done);
        return BLOCKED;
      }
      if (r <= 0 && done === 0) done = r;
      if (r <= 0) break;
      done += r;
      if (r < n) break;
    }
    if (earlier !== null) t.restart!.data = null;
    return done;
  }

  /** Before bytes are taken: too much that is not on the disk yet must go there first. */
  protected throttle(t: Task): 0 | Errno {
    if (this.dirty.size + this.writing.size < this.frames.total >> 4) return 0;
    const r = this.startWrites(t);
    return r !== 0 ? r : this.waitFor(t, 0, Infinity);
  }

  /** Pages that keep some of their bytes must be here before. */
  private fetchEdges(t: Task, pos: number, length: number): 0 | Errno {
    const first = Math.floor(pos / PAGE_SIZE), last = Math.floor((pos + length - 1) / PAGE_SIZE);
    for (const index of first === last ? [first] : [first, last]) {
      const start = index * PAGE_SIZE;
      if (start >= this.size || this.index.get(index) >= 0 || (pos <= start && pos + length >= Math.min(start + PAGE_SIZE, this.size))) continue;
      const r = this.getPage(t, index);
      if (isErr(r)) return r;
    }
    return 0;
  }

  // --- writing back -------------------------------------------------------------------------------------------------------------------------

  protected override writeBack(t: Task, index: number): 0 | Errno {
    const r = this.startWrites(t, index, index + 1);
    return r !== 0 ? r : this.waitFor(t, index, index + 1);
  }

  /** Writes [first, end) back and waits for it; a failure since the last time is told. */
  override sync(t: Task, first = 0, end = Infinity): 0 | Errno {
    const r = this.startWrites(t, first, end) || this.waitFor(t, first, end);
    if (r !== 0) return r;
    const e = this.writeError;
    this.writeError = 0;
    return e;
  }

  /** Sends dirty pages on their way without waiting: what a flusher does. */
  startWrites(t: Task, first = 0, end = Infinity): 0 | Errno {
    for (;;) {
      const pages: number[] = [];
      for (const index of this.dirty) if (index >= first && index < end && !this.writing.has(index)) pages.push(index);
      if (pages.length === 0) return 0;
      pages.sort((a, b) => a - b);
      const r = this.writePages(t, pages.slice(0, WRITE_PAGES));
      if (r !== 0) return r;
    }
  }

  private writePages(t: Task, pages: readonly number[]): 0 | Errno {
    const plan = new PagePlan();
    const ends: number[] = [];
    for (const index of pages) {
      const r = this.plan(t, index, plan, 'write');
      if (r !== 0) return r;
      ends.push(plan.bytes.length);
    }
    const batch = new WriteBatch(this.frames, this, pages);
    const builder = new BioBuilder(OP_WRITE, batch, this.device.disk.limits);
    for (let i = 0, at = 0; i < pages.length; i++) {
      const index = pages[i]!;
      const pfn = this.index.get(index);
      for (const v of this.mappings) v.mm.writeProtect(v, index);
      this.markClean(index);
      this.writing.set(index, batch);
      this.leaving(index);
      for (; at < ends[i]!; at++) if (plan.sectors[at]! >= 0) builder.add(plan.sectors[at]!, pfn * PAGE_SIZE + plan.offsets[at]!, plan.bytes[at]!);
    }
    const bios = builder.finish();
    if (bios.length > 0) this.device.submit(bios);
    else this.written(pages, batch, 0);
    return 0;
  }

  private waitFor(t: Task, first: number, end: number): 0 | Errno {
    for (const [index, batch] of this.writing) if (index >= first && index < end) return waitForDisk(t, batch.waiters);
    return 0;
  }

  /** From the batch, when the device is done. */
  written(pages: readonly number[], batch: IoBatch, status: 0 | Errno): void {
    for (const index of pages) if (this.writing.get(index) === batch) this.writing.delete(index);
    if (status !== 0) this.writeError = status;
    this.cleaned();
  }
}

/** Bytes that an earlier run has taken. */
function skip(io: IoBuffer, count: number): void {
  const scratch = new Uint8Array(Math.min(count, 65536));
  for (let left = count; left > 0;) {
    const n = io.take(scratch, 0, Math.min(left, scratch.length));
    if (n <= 0) return;
    left -= n;
  }
}

class WriteBatch extends IoBatch {
  private readonly cache: BlockCache;
  private readonly pages: readonly number[];
  constructor(frames: Frames, cache: BlockCache, pages: readonly number[]) {
    super(frames);
    this.cache = cache;
    this.pages = pages;
  }
  protected override finished(): void { this.cache.written(this.pages, this, this.status); }
}
