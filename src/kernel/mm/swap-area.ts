// One area that is swapped to (swapon(2)): a block device, a file or compressed memory, seen as slots of one page each.
// Invariant: a slot is free, or has references (entries of page tables and files that name it), or is the copy of a clean page in memory, or both.
import type { Errno } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';

const NONE = -1;

/** Where the bytes of an area lie. Pages are numbered from 0; reads and writes are of whole frames. */
export abstract class SwapStore {
  /** How many there are. */
  abstract readonly pages: number;
  /** Pieces that it lies in. */
  get extents(): number { return 1; }
  /** The area is about to be used. EBUSY: somebody else has what is behind it. */
  open(_area: SwapArea): 0 | Errno { return 0; }
  /** Fills the frame. EIO; BLOCKED: `t` is parked until the same call can answer. */
  abstract read(t: Task, page: number, pfn: number): 0 | Errno;
  /**
   * 0: the contents are taken. BLOCKED: they are on their way; the store holds a reference on the frame meanwhile and says `SwapSpace.written` in the end.
   * EIO, ENOSPC: the page stays in memory.
   */
  abstract write(page: number, pfn: number): 0 | Errno;
  /** The page's contents are not needed any more. */
  discard(_page: number): void {}
  /** swapoff(2): everything was read back. */
  close(): void {}
}

/** How /proc/swaps names it. */
export interface SwapName { readonly path: string; readonly type: 'partition' | 'file'; readonly file: OpenFile | null }

export class SwapArea {
  readonly store: SwapStore;
  readonly name: SwapName;
  /** Number of page 0 among the slots of all areas. */
  readonly base: number;
  readonly pages: number;
  readonly priority: number;
  /** Slots in use, without page 0, which is the header's (mkswap(8)). */
  used = 0;
  /** swapoff(2) is under way: nothing new comes here. */
  isLeaving = false;
  /** Entries that name the slot. */
  private readonly refs: Int32Array;
  /** The frame that still holds the same bytes, or -1. */
  private readonly frame: Int32Array;
  /** Free slots that were used before, linked; -1 ends the list. */
  private readonly link: Int32Array;
  private free = NONE;
  /** No slot from here on was ever used. */
  private fresh = 1;

  constructor(store: SwapStore, name: SwapName, base: number, pages: number, priority: number) {
    this.store = store;
    this.name = name;
    this.base = base;
    this.pages = pages;
    this.priority = priority;
    this.refs = new Int32Array(pages);
    this.frame = new Int32Array(pages).fill(NONE);
    this.link = new Int32Array(pages);
  }

  get usable(): number { return this.pages - 1; }
  holds(slot: number): boolean { return slot >= this.base && slot < this.base + this.pages; }

  /** A page number that nothing refers to yet, or -1. To be given a reference or a frame, or to be put back by `release`. */
  take(): number {
    let page = this.free;
    if (page !== NONE) this.free = this.link[page]!;
    else if (this.fresh < this.pages) page = this.fresh++;
    if (page !== NONE) this.used++;
    return page;
  }

  refsOf(page: number): number { return this.refs[page]!; }
  frameOf(page: number): number { return this.frame[page]!; }
  get(page: number): void { this.refs[page]!++; }

  put(page: number): void {
    if (--this.refs[page]! < 0) throw new Error(`swap slot ${this.base + page} is put once too often`);
    this.release(page);
  }

  setFrame(page: number, pfn: number): void {
    this.frame[page] = pfn;
    if (pfn === NONE) this.release(page);
  }

  /** The slot is free if nothing refers to it. */
  release(page: number): void {
    if (this.refs[page] !== 0 || this.frame[page] !== NONE) return;
    this.store.discard(page);
    this.link[page] = this.free;
    this.free = page;
    this.used--;
  }
}
