// The lists of pages in order of use (Linux: lruvec): two of anonymous and shared memory, two of files, one of what is locked in memory.
// Invariant: a frame of kind ANON, FILE or SHMEM is on exactly one list from its allocation to its end, every other frame on none. Links are the frame
// records' next and prev, which free lists use for free frames; list heads are records behind the last frame.
import { KIND_ANON, KIND_FILE, KIND_SHMEM } from './frame-kinds.ts';

export const INACTIVE_ANON = 1, ACTIVE_ANON = 2, INACTIVE_FILE = 3, ACTIVE_FILE = 4, UNEVICTABLE = 5;
export type LruList = 1 | 2 | 3 | 4 | 5;
/** Records that the link arrays need behind the frames. */
export const LRU_HEADS = 6;

export class Lru {
  private readonly next: Int32Array;
  private readonly prev: Int32Array;
  private readonly limit: number;
  /** List of each frame, 0: none. */
  readonly list: Uint8Array;
  /** Frames per list. */
  readonly counts = new Int32Array(LRU_HEADS);
  /** A mapping is no longer locked: pages on UNEVICTABLE may have become reclaimable. */
  mayRescue = false;

  /** `next` and `prev` have LRU_HEADS records more than there are frames. */
  constructor(limit: number, next: Int32Array, prev: Int32Array) {
    this.limit = limit;
    this.next = next;
    this.prev = prev;
    this.list = new Uint8Array(limit);
    for (let head = limit; head < limit + LRU_HEADS; head++) next[head] = prev[head] = head;
  }

  /** A new page: used once so far. */
  addNew(pfn: number, kind: number): void { this.add(pfn, kind === KIND_FILE ? INACTIVE_FILE : INACTIVE_ANON); }

  add(pfn: number, list: LruList): void {
    const { next, prev } = this;
    const head = this.limit + list, first = next[head]!;
    next[pfn] = first;
    prev[pfn] = head;
    prev[first] = pfn;
    next[head] = pfn;
    this.list[pfn] = list;
    this.counts[list]!++;
  }

  remove(pfn: number): void {
    const { next, prev } = this;
    const n = next[pfn]!, p = prev[pfn]!;
    next[p] = n;
    prev[n] = p;
    this.counts[this.list[pfn]!]!--;
    this.list[pfn] = 0;
  }

  /** To the head of `list`: the last to be looked at again. */
  move(pfn: number, list: LruList): void {
    this.remove(pfn);
    this.add(pfn, list);
  }

  /** The page that was used longest ago, or -1. */
  oldest(list: LruList): number {
    const pfn = this.prev[this.limit + list]!;
    return pfn < this.limit ? pfn : -1;
  }

  /** Locked pages come back among the others. */
  rescue(kinds: Uint8Array): void {
    this.mayRescue = false;
    for (let pfn = this.oldest(UNEVICTABLE); pfn >= 0; pfn = this.oldest(UNEVICTABLE)) this.move(pfn, kinds[pfn] === KIND_FILE ? INACTIVE_FILE : INACTIVE_ANON);
  }

  /** Frames of a list, newest first; for the audit. */
  members(list: LruList): number[] {
    const out: number[] = [];
    for (let pfn = this.next[this.limit + list]!; pfn < this.limit; pfn = this.next[pfn]!) out.push(pfn);
    return out;
  }
}

/** Kinds that live on the lists. */
export const isOnLru = (kind: number): boolean => kind === KIND_ANON || kind === KIND_FILE || kind === KIND_SHMEM;
export const activeOf = (list: number): LruList => (list === INACTIVE_FILE || list === ACTIVE_FILE ? ACTIVE_FILE : ACTIVE_ANON);
export const inactiveOf = (list: number): LruList => (list === INACTIVE_FILE || list === ACTIVE_FILE ? INACTIVE_FILE : INACTIVE_ANON);
