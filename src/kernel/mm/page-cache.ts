// The cached pages of one file, shared by read(), write(), mmap and exec. Back ends say how a page is filled and written back; everything else is
// here. Invariant: the cache holds one reference on each of its frames, every mapping one more, so refs == 1 means "not mapped".
import { type Errno, BLOCKED, ENOMEM, ENXIO, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { FRAME_DIRTY, FRAME_REFERENCED, KIND_FILE, KIND_SHMEM } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { PageIndex } from './page-index.ts';
import type { Vma } from './vma.ts';

/** First read-ahead window, in pages; it doubles while reads follow each other, up to `readAheadMax`. */
const READ_AHEAD_START = 4;

export abstract class PageCache {
  readonly frames: Frames;
  /** Key of `Frames.owner`. */
  readonly id: number;
  readonly inode: Inode | null;
  /** What the file's frames are: KIND_FILE pages can be dropped and filled again, KIND_SHMEM pages are all there is. */
  readonly kind: typeof KIND_FILE | typeof KIND_SHMEM;
  protected readonly index = new PageIndex();
  /** Page numbers that are newer here than behind. */
  protected readonly dirty = new Set<number>();
  /** Mappings of this file: reverse mapping for truncation and reclaim. */
  readonly mappings = new Set<Vma>();
  /** Pages fetched at once when reads are sequential. */
  protected readAheadMax = 1;
  #readAhead = READ_AHEAD_START;
  #expected = -1;

  constructor(frames: Frames, inode: Inode | null, kind: typeof KIND_FILE | typeof KIND_SHMEM) {
    this.frames = frames;
    this.inode = inode;
    this.kind = kind;
    this.id = frames.caches.register(this);
  }

  // --- for back ends -------------------------------------------------------------------------------------------------------------------

  /**
   * Writes every byte of the frames `pfns`, which shall hold pages index, index + 1, ... (zeros beyond the end of the file).
   * 0, or EIO and the like; BLOCKED while the answer travels: the frames are gone then, and the same call comes again.
   */
  protected abstract fill(t: Task, index: number, pfns: readonly number[]): 0 | Errno;
  /** Brings page `index` to where it belongs. Same results. */
  protected abstract writeBack(t: Task, index: number, pfn: number): 0 | Errno;
  /** `count` more pages are about to be made: ENOSPC where the file system is full. */
  protected charge(_count: number): 0 | Errno { return 0; }
  /** `count` pages are gone. */
  protected uncharge(_count: number): void {}

  /** File size in bytes. */
  get size(): number { return this.inode!.size; }
  protected set size(bytes: number) { this.inode!.size = bytes; }
  /** True if pages must be written back: shared mappings then announce their first write (Linux: page_mkwrite). */
  get tracksDirty(): boolean { return this.kind === KIND_FILE; }
  /** Pages allocated (st_blocks). */
  get pageCount(): number { return this.index.count; }
  get dirtyCount(): number { return this.dirty.size; }

  // --- pages ---------------------------------------------------------------------------------------------------------------------------

  /** The frame of page `index` if it is here, or -1. */
  peek(index: number): number { return this.index.get(index); }

  /** Page numbers and frames in order; for the audit and mincore-like views. */
  cachedPages(): [number, number][] {
    const out: [number, number][] = [];
    for (let i = this.index.next(0); i >= 0; i = this.index.next(i + 1)) out.push([i, this.index.get(i)]);
    return out;
  }

  /** The frame holding page `index`, filled; ENOMEM, EIO, ENOSPC, or BLOCKED. Not past the end: the caller checks size. */
  getPage(t: Task, index: number): number | Errno {
    const pfn = this.index.get(index);
    if (pfn >= 0) {
      this.frames.flags[pfn]! |= FRAME_REFERENCED;
      return pfn;
    }
    return this.kind === KIND_SHMEM ? this.#newPage(index) : this.#fetch(t, index);
  }

  /** The page is newer than what lies behind it. */
  markDirty(index: number): void {
    if (!this.tracksDirty) return;
    const pfn = this.index.get(index);
    if (pfn < 0 || (this.frames.flags[pfn]! & FRAME_DIRTY) !== 0) return;
    this.frames.flags[pfn]! |= FRAME_DIRTY;
    this.dirty.add(index);
  }

  /** Drops a clean page that nobody maps. For reclaim. */
  dropPage(index: number): void {
    this.#remove(index);
  }

  // --- read and write --------------------------------------------------------------------------------------------------------------------

  /** Copies file bytes [pos, min(pos + io.remaining, size)) to `io`; bytes moved, 0 at the end of the file. Holes of shmem read as zeros. */
  read(t: Task, io: IoBuffer, start: number): number | Errno {
    let pos = start;
    const end = Math.min(start + io.remaining, this.size);
    while (pos < end) {
      const index = Math.floor(pos / PAGE_SIZE), offset = pos % PAGE_SIZE;
      let pfn = this.index.get(index);
      if (pfn < 0 && this.kind === KIND_FILE) pfn = this.getPage(t, index);
      let n: number;
      if (pfn >= 0) {
        n = this.#putRun(io, index, pfn, offset, end - pos);
      } else if (this.kind === KIND_SHMEM) {
        n = io.putZeros(Math.min(PAGE_SIZE - offset, end - pos));
      } else {
        n = pfn;
      }
      if (n <= 0) return this.#stopped(io, n, pos - start);
      pos += n;
    }
    return pos - start;
  }

  /** Generic write: grows the file, marks pages dirty. Bytes taken, or an errno if there were none. */
  write(t: Task, io: IoBuffer, start: number): number | Errno {
    let pos = start;
    const end = start + io.remaining;
    while (pos < end) {
      const offset = pos % PAGE_SIZE;
      const n = this.#writePage(t, io, Math.floor(pos / PAGE_SIZE), offset, Math.min(PAGE_SIZE - offset, end - pos));
      if (n <= 0) return this.#stopped(io, n, pos - start);
      pos += n;
      if (pos > this.size) this.size = pos;
    }
    return pos - start;
  }

  // --- size ----------------------------------------------------------------------------------------------------------------------------

  /** The file now ends at `size`: pages beyond go, mappings of them too (private copies included), the partial page is zeroed. */
  truncate(size: number): void {
    const first = Math.ceil(size / PAGE_SIZE), old = this.size;
    if (size < old) this.#unmapRange(first, Infinity, 'with private copies');
    this.#dropRange(first, Infinity);
    const tail = Math.min(size, old);
    this.#zeroPart(tail, Math.ceil(tail / PAGE_SIZE) * PAGE_SIZE);
    this.size = size;
  }

  /** The bytes [start, end) become a hole (fallocate PUNCH_HOLE, MADV_REMOVE): whole pages go, parts are zeroed. Back ends are told by their owner. */
  punchHole(start: number, end: number): void {
    const first = Math.ceil(start / PAGE_SIZE), last = Math.floor(end / PAGE_SIZE);
    if (first > last) {
      this.#zeroPart(start, end);
      return;
    }
    this.#unmapRange(first, last, 'cached pages only');
    this.#dropRange(first, last);
    this.#zeroPart(start, first * PAGE_SIZE);
    this.#zeroPart(last * PAGE_SIZE, end);
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

  /** Makes pages for [start, end) so that later writes cannot fail (fallocate). ENOSPC or ENOMEM leaves what was made. */
  allocate(t: Task, start: number, end: number): 0 | Errno {
    for (let i = Math.floor(start / PAGE_SIZE); i * PAGE_SIZE < end; i++) {
      const r = this.getPage(t, i);
      if (isErr(r)) return r;
    }
    return 0;
  }

  // --- write-back and end ----------------------------------------------------------------------------------------------------------------

  /** Writes dirty pages of [first, end) back. Pages are write-protected before, so that later stores are seen again. */
  sync(t: Task, first = 0, end = Infinity): 0 | Errno {
    const done: number[] = [];
    for (const index of this.dirty) {
      if (index < first || index >= end) continue;
      for (const v of this.mappings) v.mm.writeProtect(v, index);
      const r = this.writeBack(t, index, this.index.get(index));
      if (isErr(r)) return r;
      done.push(index);
    }
    for (const index of done) {
      this.dirty.delete(index);
      this.frames.flags[this.index.get(index)]! &= ~FRAME_DIRTY;
    }
    return 0;
  }

  /** All pages go, unsaved or not (inode eviction). No mapping is left by then. */
  destroy(): void {
    this.#dropRange(0, Infinity);
    this.frames.caches.unregister(this);
  }

  /** Clean pages that nobody maps go (posix_fadvise DONTNEED, drop_caches); the back end is asked again. */
  invalidate(first = 0, end = Infinity): void {
    if (this.kind === KIND_SHMEM) return;
    for (let i = this.index.next(first); i >= 0 && i < end; i = this.index.next(i + 1)) {
      const pfn = this.index.get(i);
      if (this.frames.refs[pfn] === 1 && (this.frames.flags[pfn]! & FRAME_DIRTY) === 0) this.#remove(i);
    }
  }

  addMapping(v: Vma): void { this.mappings.add(v); }
  removeMapping(v: Vma): void { this.mappings.delete(v); }

  // --- inside --------------------------------------------------------------------------------------------------------------------------

  /** A transfer ended early. Parked: the whole call runs again, by then with the page here, so that reads of files are never short for that reason. */
  #stopped(io: IoBuffer, n: number, done: number): number | Errno {
    if (n === BLOCKED && done > 0) io.rewind(done);
    return n === BLOCKED || done === 0 ? n : done;
  }

  /** Puts bytes of page `index` and of the pages after it while their frames are neighbours: one copy for a run. */
  #putRun(io: IoBuffer, index: number, pfn: number, offset: number, wanted: number): number | Errno {
    const { frames } = this;
    let pages = 1;
    while (pages * PAGE_SIZE - offset < wanted && pages < 64 && this.index.get(index + pages) === pfn + pages) pages++;
    for (let i = 0; i < pages; i++) {
      frames.refs[pfn + i]!++;          // a fault inside put() may start reclaim
      frames.flags[pfn + i]! |= FRAME_REFERENCED;
    }
    const n = io.put(frames.ram.u8, pfn * PAGE_SIZE + offset, Math.min(wanted, pages * PAGE_SIZE - offset));
    for (let i = 0; i < pages; i++) frames.put(pfn + i);
    return n;
  }

  #writePage(t: Task, io: IoBuffer, index: number, offset: number, length: number): number | Errno {
    const { frames } = this;
    const whole = length === PAGE_SIZE || index * PAGE_SIZE >= this.size;
    if (this.kind === KIND_FILE && whole && this.index.get(index) < 0) {
      const n = this.#writeFresh(io, index, offset, length);
      if (n !== 0) return n;
    }
    const pfn = this.getPage(t, index);
    if (isErr(pfn)) return pfn;
    frames.get(pfn);
    const n = io.take(frames.ram.u8, pfn * PAGE_SIZE + offset, length);
    frames.put(pfn);
    if (n <= 0) return n;
    frames.wrote(pfn);
    this.markDirty(index);
    return n;
  }

  /** A page whose old contents do not matter: it enters the cache only once the new ones are there. 0: not all came, the old contents matter. */
  #writeFresh(io: IoBuffer, index: number, offset: number, length: number): number | Errno {
    const charged = this.charge(1);
    if (isErr(charged)) return charged;
    const pfn = this.frames.alloc(this.kind);
    const n = pfn < 0 ? ENOMEM : io.take(this.frames.ram.u8, pfn * PAGE_SIZE + offset, length);
    if (n === length) {
      this.#insert(index, pfn);
      this.markDirty(index);
      return n;
    }
    if (pfn >= 0) this.frames.put(pfn);
    this.uncharge(1);
    if (n < 0) return n;
    io.rewind(n);
    return 0;
  }

  #newPage(index: number): number | Errno {
    const charged = this.charge(1);
    if (isErr(charged)) return charged;
    const pfn = this.frames.alloc(this.kind);
    if (pfn < 0) {
      this.uncharge(1);
      return ENOMEM;
    }
    this.#insert(index, pfn);
    return pfn;
  }

  /** A miss: asks the back end for this page and, if reads follow each other, for those behind it. */
  #fetch(t: Task, index: number): number | Errno {
    const pages = this.#window(index);
    const charged = this.charge(pages);
    if (isErr(charged)) return charged;
    const pfns: number[] = [];
    while (pfns.length < pages) {
      const pfn = this.frames.allocRaw(this.kind);
      if (pfn < 0) break;
      pfns.push(pfn);
    }
    if (pfns.length < pages) this.uncharge(pages - pfns.length);
    if (pfns.length === 0) return ENOMEM;
    const r = this.fill(t, index, pfns);
    if (isErr(r)) {
      for (const pfn of pfns) this.frames.put(pfn);
      this.uncharge(pfns.length);
      return r;
    }
    this.#expected = index + pfns.length;
    for (let i = 0; i < pfns.length; i++) this.#insert(index + i, pfns[i]!);
    return pfns[0]!;
  }

  #window(index: number): number {
    this.#readAhead = index === this.#expected ? Math.min(this.#readAhead * 2, this.readAheadMax) : Math.min(READ_AHEAD_START, this.readAheadMax);
    const most = Math.min(this.#readAhead, Math.ceil(this.size / PAGE_SIZE) - index);
    let n = 1;
    while (n < most && this.index.get(index + n) < 0) n++;
    return n;
  }

  #insert(index: number, pfn: number): void {
    this.index.set(index, pfn);
    this.frames.owner[pfn] = this.id;
    this.frames.index[pfn] = index;
    if (this.kind === KIND_FILE) this.frames.caches.addToLru(pfn);
  }

  #remove(index: number): void {
    const pfn = this.index.delete(index);
    this.dirty.delete(index);
    if (this.kind === KIND_FILE) this.frames.caches.removeFromLru(pfn);
    this.frames.flags[pfn]! &= ~(FRAME_DIRTY | FRAME_REFERENCED);
    this.frames.put(pfn);
    this.uncharge(1);
  }

  #dropRange(first: number, end: number): void {
    for (let i = this.index.next(first); i >= 0 && i < end; i = this.index.next(i + 1)) this.#remove(i);
  }

  #unmapRange(first: number, end: number, which: 'cached pages only' | 'with private copies'): void {
    for (const v of this.mappings) v.mm.unmapPages(v, first, end, which);
  }

  /** Zeroes [start, end) within one page, if it is here. */
  #zeroPart(start: number, end: number): void {
    if (start >= end) return;
    const index = Math.floor(start / PAGE_SIZE);
    const pfn = this.index.get(index);
    if (pfn < 0) return;
    const base = pfn * PAGE_SIZE;
    this.frames.ram.u8.fill(0, base + start % PAGE_SIZE, base + Math.min(PAGE_SIZE, end - index * PAGE_SIZE));
    this.frames.wrote(pfn);
  }
}
