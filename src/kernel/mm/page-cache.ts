// The cached pages of one file, shared by read(), write(), mmap and exec: the third stop in the life of a read(). Back ends say how pages are filled and
// written back; when that happens is decided here.
import { type Errno, BLOCKED, EIO, ENOMEM, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { KIND_FILE, KIND_SHMEM } from './frame-kinds.ts';
import { slotOfEntry } from './page-index.ts';
import { PageStore } from './page-store.ts';

/** First read-ahead window, in pages; it doubles while reads follow each other, up to `readAheadMax`. */
const READ_AHEAD_START = 4;
/** Pages fetched around a page fault: programs use code in neighbourhoods, not in order. */
const READ_AROUND = 16;
/** No entry in the index. */
const NONE = -1;

export abstract class PageCache extends PageStore {
  /** Pages fetched at once when reads are sequential. */
  protected readAheadMax = 1;
  private readAhead = READ_AHEAD_START;
  private expected = -1;
  /** Fetches under way; empty unless the back end answers later. */
  private readonly flights: Flight[] = [];

  // --- for back ends -------------------------------------------------------------------------------------------------------------------

  /**
   * Writes every byte of the frames `pfns`, which shall hold pages index, index + 1, ... (zeros beyond the end of the file).
   * 0, or EIO and the like; BLOCKED while the answer travels (the task is parked): the frames stay the back end's, and the same call comes again.
   */
  protected abstract fill(t: Task, index: number, pfns: readonly number[]): 0 | Errno;
  /** Brings page `index` to where it belongs. Same results. */
  protected abstract writeBack(t: Task, index: number, pfn: number): 0 | Errno;
  // --- pages ---------------------------------------------------------------------------------------------------------------------------

  /** The frame holding page `index`, filled; ENOMEM, EIO, ENOSPC, or BLOCKED. Not past the end: the caller checks size. */
  override getPage(t: Task, index: number): number | Errno {
    const pfn = this.index.get(index);
    if (pfn < 0) return this.kind === KIND_SHMEM ? this.newPage(t, index) : this.fetchAhead(t, index);
    this.frames.touch(pfn);
    return pfn;
  }

  /** The same for page faults: the neighbourhood is fetched along. */
  getPageAround(t: Task, index: number): number | Errno {
    const pfn = this.index.get(index);
    if (pfn < 0) return this.kind === KIND_SHMEM ? this.newPage(t, index) : this.fetchAround(t, index);
    this.frames.touch(pfn);
    return pfn;
  }

  override truncate(size: number): void {
    for (const f of this.flights) f.isStale = true;
    super.truncate(size);
  }

  override punchHole(start: number, end: number): void {
    for (const f of this.flights) f.isStale = true;
    super.punchHole(start, end);
  }

  // --- read and write --------------------------------------------------------------------------------------------------------------------

  /** Copies file bytes [pos, min(pos + io.remaining, size)) to `io`; bytes moved, 0 at the end of the file. Holes of shmem read as zeros. */
  read(t: Task, io: IoBuffer, start: number): number | Errno {
    let pos = start;
    const end = Math.min(start + io.remaining, this.size);
    while (pos < end) {
      const index = Math.floor(pos / PAGE_SIZE), offset = pos % PAGE_SIZE;
      let pfn = this.index.get(index);
      const isHole = pfn < 0 && this.kind === KIND_SHMEM && this.index.entry(index) === NONE;
      if (pfn < 0 && !isHole) pfn = this.getPage(t, index);
      let n: number;
      if (pfn >= 0) {
        n = this.putRun(io, index, pfn, offset, end - pos);
      } else if (isHole) {
        n = io.putZeros(Math.min(PAGE_SIZE - offset, end - pos));
      } else {
        n = pfn;
      }
      if (n <= 0) return this.stopped(io, n, pos - start);
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
      const n = this.writePage(t, io, Math.floor(pos / PAGE_SIZE), offset, Math.min(PAGE_SIZE - offset, end - pos));
      if (n <= 0) return this.stopped(io, n, pos - start);
      pos += n;
      if (pos > this.size) this.size = pos;
    }
    return pos - start;
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
  override sync(t: Task, first = 0, end = Infinity): 0 | Errno {
    const done: number[] = [];
    for (const index of this.dirty) {
      if (index < first || index >= end) continue;
      for (const v of this.mappings) v.mm.writeProtect(v, index);
      const r = this.writeBack(t, index, this.index.get(index));
      if (isErr(r)) return r;
      done.push(index);
    }
    for (const index of done) this.markClean(index);
    return 0;
  }

  // --- inside --------------------------------------------------------------------------------------------------------------------------

  /** A transfer ended early. Parked: the whole call runs again, by then with the page here, so that reads of files are never short for that reason. */
  private stopped(io: IoBuffer, n: number, done: number): number | Errno {
    if (n === BLOCKED && done > 0) io.rewind(done);
    return n === BLOCKED || done === 0 ? n : done;
  }

  /** Puts bytes of page `index` and of the pages after it while their frames are neighbours: one copy for a run. */
  private putRun(io: IoBuffer, index: number, pfn: number, offset: number, wanted: number): number | Errno {
    const { frames } = this;
    let pages = 1;
    while (pages * PAGE_SIZE - offset < wanted && pages < 64 && this.index.get(index + pages) === pfn + pages) pages++;
    for (let i = 0; i < pages; i++) {
      frames.refs[pfn + i]!++;          // a fault inside put() may start reclaim
      frames.touch(pfn + i);
    }
    const n = io.put(frames.ram.u8, pfn * PAGE_SIZE + offset, Math.min(wanted, pages * PAGE_SIZE - offset));
    for (let i = 0; i < pages; i++) frames.put(pfn + i);
    return n;
  }

  private writePage(t: Task, io: IoBuffer, index: number, offset: number, length: number): number | Errno {
    const { frames } = this;
    const whole = length === PAGE_SIZE || index * PAGE_SIZE >= this.size;
    if (this.kind === KIND_FILE && whole && this.index.get(index) < 0) {
      const n = this.writeFresh(io, index, offset, length);
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
  private writeFresh(io: IoBuffer, index: number, offset: number, length: number): number | Errno {
    const charged = this.charge(1);
    if (isErr(charged)) return charged;
    const pfn = this.frames.alloc(this.kind);
    const n = pfn < 0 ? ENOMEM : io.take(this.frames.ram.u8, pfn * PAGE_SIZE + offset, length);
    if (n === length) {
      for (const f of this.flights) if (f.covers(index)) f.isStale = true;
      this.insert(index, pfn);
      this.markDirty(index);
      return n;
    }
    if (pfn >= 0) this.frames.put(pfn);
    this.uncharge(1);
    if (n < 0) return n;
    io.rewind(n);
    return 0;
  }

  private newPage(t: Task, index: number): number | Errno {
    const entry = this.index.entry(index);
    if (entry !== NONE) return this.swapIn(t, index, slotOfEntry(entry));
    const charged = this.charge(1);
    if (isErr(charged)) return charged;
    const before = index > 0 ? this.index.get(index - 1) : NONE;
    const pfn = this.frames.allocNear(this.kind, before < 0 ? NONE : before + 1, index);
    if (pfn < 0) {
      this.uncharge(1);
      return ENOMEM;
    }
    this.insert(index, pfn);
    return pfn;
  }

  private swapIn(t: Task, index: number, slot: number): number | Errno {
    const { frames } = this;
    const pfn = frames.allocRaw(this.kind);
    if (pfn < 0) return ENOMEM;
    let r = frames.swap.read(t, slot, pfn);
    if (r === 0 && this.inode?.verity) r = this.checkPages(t, index, [pfn]);
    if (r !== 0) {
      frames.put(pfn);
      return r;
    }
    this.insert(index, pfn);
    this.swapped--;
    frames.reclaimer.swappedIn(slot, pfn);
    frames.swap.put(slot);
    return pfn;
  }

  /** A miss in a read: while reads follow each other, ever more is asked for. */
  private fetchAhead(t: Task, index: number): number | Errno {
    this.readAhead = index === this.expected ? Math.min(this.readAhead * 2, this.readAheadMax) : Math.min(READ_AHEAD_START, this.readAheadMax);
    const most = Math.min(index + (this.frames.isTight ? 1 : this.readAhead), Math.ceil(this.size / PAGE_SIZE));
    let end = index + 1;
    while (end < most && this.index.get(end) < 0) end++;
    this.expected = end;
    return this.fetch(t, index, index, end);
  }

  private fetchAround(t: Task, index: number): number | Errno {
    const around = this.frames.isTight ? 1 : Math.min(READ_AROUND, this.readAheadMax);
    const least = index - (index % around), most = Math.min(least + around, Math.ceil(this.size / PAGE_SIZE));
    let first = index, end = index + 1;
    while (first > least && this.index.get(first - 1) < 0) first--;
    while (end < most && this.index.get(end) < 0) end++;
    return this.fetch(t, index, first, end);
  }

  /** Brings pages [first, end) in, or only `index` if frames are few; the frame of `index`. */
  private fetch(t: Task, index: number, first: number, end: number): number | Errno {
    if (this.flights.length > 0) {
      this.dropOrphans();
      for (const f of this.flights) if (f.owner === t && f.covers(index)) return this.land(t, f, index);
    }
    const charged = this.charge(end - first);
    if (isErr(charged)) return charged;
    const pfns: number[] = [];
    let next = first > 0 ? this.index.get(first - 1) + 1 : 0;
    while (pfns.length < end - first) {
      const pfn = this.frames.allocNearRaw(this.kind, next > 0 ? next : -1, first + pfns.length);
      if (pfn < 0) break;
      pfns.push(pfn);
      next = pfn + 1;
    }
    const isShort = pfns.length < end - first;
    if (isShort) this.giveBack(pfns.splice(1), end - first - Math.min(1, pfns.length));
    return pfns.length === 0 ? ENOMEM : this.land(t, new Flight(t, isShort ? index : first, pfns), index);
  }

  /** What tasks have asked for that were killed before it came. Who still writes to the frames has references of its own. */
  private dropOrphans(): void {
    for (const f of this.flights.slice()) {
      if (f.owner.state !== 'Z' && f.owner.state !== 'X') continue;
      this.flights.splice(this.flights.indexOf(f), 1);
      this.giveBack(f.pfns, f.pfns.length);
    }
  }

  override destroy(): void {
    for (const f of this.flights.splice(0)) this.giveBack(f.pfns, f.pfns.length);
    super.destroy();
  }

  /** Asks the back end, for the first time or again. While it has not answered, the frames are its to write to: nobody else gets them. */
  private land(t: Task, flight: Flight, index: number): number | Errno {
    const { start, pfns } = flight;
    let r = this.fill(t, start, pfns);
    if (r === 0 && this.inode?.verity) r = this.checkPages(t, start, pfns);
    const at = this.flights.indexOf(flight);
    if (r === BLOCKED) {
      if (at < 0) this.flights.push(flight);
      return r;
    }
    if (at >= 0) this.flights.splice(at, 1);
    if (isErr(r) || flight.isStale) {
      this.giveBack(pfns, pfns.length);
      if (r === EIO && pfns.length > 1) return this.fetch(t, index, index, index + 1);   // a bad page spoils no others
      return isErr(r) ? r : this.getPage(t, index);
    }
    for (let i = 0; i < pfns.length; i++) {
      if (this.index.get(start + i) < 0) this.insert(start + i, pfns[i]!);
      else this.giveBack([pfns[i]!], 1);       // another task was faster
    }
    return this.index.get(index);
  }

  /** fs-verity: what has come in is what it was when the file was protected, or EIO. */
  private checkPages(t: Task, start: number, pfns: readonly number[]): 0 | Errno {
    const { verity } = this.inode!;
    for (let i = 0; i < pfns.length; i++) {
      const r = verity!.check(t, start + i, this.frames.ram.u8, pfns[i]! * PAGE_SIZE);
      if (r !== 0) return r;
    }
    return 0;
  }

  private giveBack(pfns: readonly number[], charged: number): void {
    for (const pfn of pfns) this.frames.put(pfn);
    this.uncharge(charged);
  }
}

/** Pages that a back end was asked for and has not delivered. Others may ask for the same ones: the first to get them enters them. */
class Flight {
  /** The task that asked, and asks again when it is woken. */
  readonly owner: Task;
  readonly start: number;
  readonly pfns: readonly number[];
  /** The file was cut or written there meanwhile: what arrives is not to be used. */
  isStale = false;

  constructor(owner: Task, start: number, pfns: readonly number[]) {
    this.owner = owner;
    this.start = start;
    this.pfns = pfns;
  }

  covers(index: number): boolean { return index >= this.start && index < this.start + this.pfns.length; }
}
