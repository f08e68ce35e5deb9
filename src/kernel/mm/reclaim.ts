// Reclaim: which cached file pages can be had back. A list of KIND_FILE frames in order of use with a second chance for pages that were used
// (the flag set by read() and getPage, the A bits of mappings); links live in the frame records. Pages without a back end are not on it.
import { FRAME_DIRTY, FRAME_REFERENCED } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import type { PageStore } from './page-store.ts';
import { VM_LOCKED } from './vma.ts';

const NONE = -1;
/** Used pages that one call takes at most. */
const FORCED = 16;
const FORCED_MAX = 4096;

export class CacheRegistry {
  readonly frames: Frames;
  /** Page caches by id: Frames.owner. */
  readonly byId = new Map<number, PageStore>();
  private nextId = 1;
  private head = NONE;
  private tail = NONE;
  /** Frames on the list. */
  count = 0;
  /** Pages dropped although they were in use, and how many of them came back since memory was last called out. */
  private readonly forced = new Set<number>();
  private refaults = 0;

  constructor(frames: Frames) { this.frames = frames; }

  register(cache: PageStore): number {
    const id = this.nextId++;
    this.byId.set(id, cache);
    return id;
  }

  unregister(cache: PageStore): void { this.byId.delete(cache.id); }

  addToLru(pfn: number): void {
    const { next, prev } = this.frames;
    next[pfn] = this.head;
    prev[pfn] = NONE;
    if (this.head !== NONE) prev[this.head] = pfn;
    else this.tail = pfn;
    this.head = pfn;
    this.count++;
  }

  removeFromLru(pfn: number): void {
    const { next, prev } = this.frames;
    const n = next[pfn]!, p = prev[pfn]!;
    if (p === NONE) this.head = n;
    else next[p] = n;
    if (n === NONE) this.tail = p;
    else prev[n] = p;
    this.count--;
  }

  /**
   * Tries to free `wanted` frames; how many it did. Pages that were used since the last look get a second chance. If all were, the oldest go, but not
   * below a floor, and not once it shows that they are fetched again at once: then programs lack memory for what they run on, and 0 calls for the
   * OOM killer, which is better than a machine that only fetches and drops.
   */
  reclaim(wanted: number): number {
    const freed = this.sweep(wanted, 'unused');
    if (freed > 0 || this.count <= this.floor) return freed;
    if (this.refaults > this.floor) {
      this.refaults = 0;
      this.forced.clear();
      return 0;
    }
    return this.sweep(Math.min(wanted, FORCED), 'used');
  }

  /** A page is fetched: was it dropped although it was in use? */
  fetched(cache: PageStore, index: number): void {
    if (this.forced.size > 0 && this.forced.delete(cache.id * 2 ** 32 + index)) this.refaults++;
  }

  private get floor(): number { return Math.min(Math.max(this.frames.total >> 5, 32), 1024); }

  private sweep(wanted: number, which: 'unused' | 'used'): number {
    let freed = 0;
    for (let looks = this.count; looks > 0 && freed < wanted && this.tail !== NONE; looks--) {
      const pfn = this.tail;
      this.removeFromLru(pfn);
      this.addToLru(pfn);
      const key = this.frames.owner[pfn]! * 2 ** 32 + this.frames.index[pfn]!;
      if (!this.evict(pfn)) continue;
      freed++;
      if (which === 'used' && this.forced.size < FORCED_MAX) this.forced.add(key);
    }
    return freed;
  }

  private evict(pfn: number): boolean {
    const { frames } = this;
    const flags = frames.flags[pfn]!;
    if ((flags & FRAME_REFERENCED) !== 0) {
      frames.flags[pfn] = flags & ~FRAME_REFERENCED;
      return false;
    }
    if ((flags & FRAME_DIRTY) !== 0) return false;
    const cache = this.byId.get(frames.owner[pfn]!)!;
    const index = frames.index[pfn]!;
    if (cache.peek(index) !== pfn) return false;       // beyond page 2^32 of a file the record is too short
    if (frames.refs[pfn]! > 1 && !unmapEverywhere(cache, index)) return false;
    if (frames.refs[pfn]! > 1) return false;     // pinned by a transfer
    cache.dropPage(index);
    return true;
  }
}

/** Takes page `index` out of all page tables, unless it is locked or was used since the last look. */
function unmapEverywhere(cache: PageStore, index: number): boolean {
  let used = false;
  for (const v of cache.mappings) used = v.mm.testAndClearAccessed(v, index) || (v.vmFlags & VM_LOCKED) !== 0 || used;
  if (used) return false;
  for (const v of cache.mappings) v.mm.unmapPages(v, index, index + 1, 'cached pages only');
  return true;
}
