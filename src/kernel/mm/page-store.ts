// The pages of one file that are in memory: which frames hold them, who maps them, how they go. What moves bytes in and out is in page-cache.ts.
// Invariant: the store holds one reference on each of its frames, every mapping one more, so refs == 1 means "not mapped".
import { type Errno, ENXIO } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { FRAME_DIRTY, FRAME_FRESH, FRAME_REFERENCED, KIND_FILE, KIND_SHMEM } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { PageIndex, slotOfEntry, swappedEntry } from './page-index.ts';
import type { Vma } from './vma.ts';

export abstract class PageStore {
  readonly frames: Frames;
  /** Key of `Frames.owner`. */
  readonly id: number;
  readonly inode: Inode | null;
  /** What the file's frames are: KIND_FILE pages can be dropped and filled again, KIND_SHMEM pages are all there is. */
  readonly kind: typeof KIND_FILE | typeof KIND_SHMEM;
  protected readonly index = new PageIndex();
  /** Page numbers that are newer here than behind. */
  protected readonly dirty = new Set<number>();
  /** Pages that are in swap slots (KIND_SHMEM). */
  swapped = 0;
  /** Mappings of this file: reverse mapping for truncation and reclaim. */
  readonly mappings = new Set<Vma>();

  constructor(frames: Frames, inode: Inode | null, kind: typeof KIND_FILE | typeof KIND_SHMEM) {
    this.frames = frames;
    this.inode = inode;
    this.kind = kind;
    this.id = frames.caches.register(this);
  }

  /** `count` more pages are about to be made: ENOSPC where the file system is full. */
  protected charge(_count: number): 0 | Errno { return 0; }
  /** `count` pages are gone. */
  protected uncharge(_count: number): void {}

  /** File size in bytes. */
  get size(): number { return this.inode!.size; }
  protected set size(bytes: number) { this.inode!.size = bytes; }
  /** True if pages must be written back: shared mappings then announce their first write (Linux: page_mkwrite). */
  get tracksDirty(): boolean { return this.kind === KIND_FILE; }
  /** True if reclaim leaves the pages alone. */
  get staysInMemory(): boolean { return false; }
  /** Pages allocated (st_blocks). */
  get pageCount(): number { return this.index.count; }
  get dirtyCount(): number { return this.dirty.size; }

  // --- pages ---------------------------------------------------------------------------------------------------------------------------

  /** The frame of page `index`, brought in if need be; ENOMEM, EIO, ENOSPC, BLOCKED. */
  abstract getPage(t: Task, index: number): number | Errno;

  /** Writes what is dirty in [first, end) back; errors of the back end, BLOCKED. */
  abstract sync(t: Task, first?: number, end?: number): 0 | Errno;

  /** The frame of page `index` if it is here, or -1. */
  peek(index: number): number { return this.index.get(index); }
  /** Is there a page `index`, here or swapped out? */
  has(index: number): boolean { return this.index.entry(index) !== -1; }

  /** Page numbers and frames in order; for the audit. */
  cachedPages(): [number, number][] { return this.entries().filter(([, entry]) => entry >= 0); }
  /** Page numbers and slots of what is swapped out. */
  swappedPages(): [number, number][] {
    return this.entries().filter(([, entry]) => entry < 0).map(([index, entry]) => [index, slotOfEntry(entry)]);
  }

  private entries(): [number, number][] {
    const out: [number, number][] = [];
    for (let i = this.index.next(0); i >= 0; i = this.index.next(i + 1)) out.push([i, this.index.entry(i)]);
    return out;
  }

  /** The page is newer than what lies behind it. */
  markDirty(index: number): void {
    if (!this.tracksDirty) return;
    const pfn = this.index.get(index);
    if (pfn < 0 || (this.frames.flags[pfn]! & FRAME_DIRTY) !== 0) return;
    this.frames.flags[pfn]! |= FRAME_DIRTY;
    this.dirty.add(index);
    this.frames.caches.countDirty(this, 1);
  }

  /** The page has been written back. */
  protected markClean(index: number): void {
    if (!this.dirty.delete(index)) return;
    const pfn = this.index.get(index);
    if (pfn >= 0) this.frames.flags[pfn]! &= ~FRAME_DIRTY;
    this.frames.caches.countDirty(this, -1);
  }

  /** Drops a clean page that nobody maps. For reclaim. */
  dropPage(index: number): void { this.remove(index); }

  /** Page `index`, which nobody maps, is in `slot` now, whose reference comes along. For reclaim. */
  swapOut(index: number, slot: number): void {
    const pfn = this.index.get(index);
    this.index.set(index, swappedEntry(slot));
    this.swapped++;
    this.frames.owner[pfn] = 0;
    this.frames.put(pfn);
  }

  // --- size ----------------------------------------------------------------------------------------------------------------------------

  /** The file now ends at `size`: pages beyond go, mappings of them too (private copies included), the partial page is zeroed. */
  truncate(size: number): void {
    const first = Math.ceil(size / PAGE_SIZE), old = this.size;
    if (size < old) this.unmapRange(first, Infinity, 'with private copies');
    this.dropRange(first, Infinity);
    const tail = Math.min(size, old);
    this.zeroPart(tail, Math.ceil(tail / PAGE_SIZE) * PAGE_SIZE);
    this.size = size;
  }

  /** The bytes [start, end) become a hole (fallocate PUNCH_HOLE, MADV_REMOVE): whole pages go, parts are zeroed. Back ends are told by their owner. */
  punchHole(start: number, end: number): void {
    const first = Math.ceil(start / PAGE_SIZE), last = Math.floor(end / PAGE_SIZE);
    if (first > last) {
      this.zeroPart(start, end);
      return;
    }
    this.unmapRange(first, last, 'cached pages only');
    this.dropRange(first, last);
    this.zeroPart(start, first * PAGE_SIZE);
    this.zeroPart(last * PAGE_SIZE, end);
  }

  /** SEEK_DATA (lseek(2)): where data begins at or after `pos`; ENXIO past the last. Without knowledge of the back end's holes, all is data. */
  nextData(pos: number): number | Errno {
    if (pos >= this.size) return ENXIO;
    if (this.kind === KIND_FILE) return pos;
    const index = this.index.next(Math.floor(pos / PAGE_SIZE));
    if (index < 0 || index * PAGE_SIZE >= this.size) return ENXIO;
    return Math.max(pos, index * PAGE_SIZE);
  }

  /** SEEK_HOLE: where the next hole begins; the end of the file counts as one. */
  nextHole(pos: number): number | Errno {
    if (pos >= this.size) return ENXIO;
    if (this.kind === KIND_FILE) return this.size;
    const index = this.index.nextHole(Math.floor(pos / PAGE_SIZE));
    return Math.min(this.size, Math.max(pos, index * PAGE_SIZE));
  }

  // --- end -----------------------------------------------------------------------------------------------------------------------------

  /** All pages go, unsaved or not (inode eviction). No mapping is left by then. */
  destroy(): void {
    this.dropRange(0, Infinity);
    this.frames.caches.unregister(this);
  }

  /** Clean pages that nobody maps go (posix_fadvise DONTNEED, drop_caches); the back end is asked again. */
  invalidate(first = 0, end = Infinity): void {
    if (this.kind === KIND_SHMEM) return;
    for (let i = this.index.next(first); i >= 0 && i < end; i = this.index.next(i + 1)) {
      const pfn = this.index.get(i);
      if (this.frames.refs[pfn] === 1 && (this.frames.flags[pfn]! & FRAME_DIRTY) === 0) this.remove(i);
    }
  }

  addMapping(v: Vma): void { this.mappings.add(v); }
  removeMapping(v: Vma): void { this.mappings.delete(v); }

  // --- inside --------------------------------------------------------------------------------------------------------------------------

  protected insert(index: number, pfn: number): void {
    this.index.set(index, pfn);
    this.frames.owner[pfn] = this.id;
    this.frames.index[pfn] = index;
    if (this.kind !== KIND_FILE) return;
    this.frames.flags[pfn]! |= FRAME_FRESH;
    this.frames.reclaimer.fetched(this.id, index, pfn);
  }

  protected remove(index: number): void {
    this.markClean(index);
    const entry = this.index.delete(index);
    if (entry >= 0) {
      this.frames.flags[entry]! &= ~FRAME_REFERENCED;
      this.frames.owner[entry] = 0;
      this.frames.put(entry);
    } else {
      this.swapped--;
      this.frames.swap.put(slotOfEntry(entry));
    }
    this.uncharge(1);
  }

  private dropRange(first: number, end: number): void {
    for (let i = this.index.next(first); i >= 0 && i < end; i = this.index.next(i + 1)) this.remove(i);
  }

  private unmapRange(first: number, end: number, which: 'cached pages only' | 'with private copies'): void {
    for (const v of this.mappings) v.mm.unmapPages(v, first, end, which);
  }

  /** Zeroes [start, end) within one page, if it is here. */
  private zeroPart(start: number, end: number): void {
    if (start >= end) return;
    const index = Math.floor(start / PAGE_SIZE);
    const pfn = this.index.get(index);
    if (pfn < 0) return;
    const base = pfn * PAGE_SIZE;
    this.frames.ram.u8.fill(0, base + start % PAGE_SIZE, base + Math.min(PAGE_SIZE, end - index * PAGE_SIZE));
    this.frames.wrote(pfn);
  }
}
