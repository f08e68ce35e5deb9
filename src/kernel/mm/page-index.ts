// Which frame (or swap slot) holds which page of a file: page number -> pfn, sparse, in chunks of 64 pages. Files of one chunk (most) cost one small array.
// Lookups in one neighbourhood hit the remembered chunk; ordered questions (next page, next hole) walk the sorted chunk numbers.

const SHIFT = 6;
const SIZE = 1 << SHIFT;
const MASK = SIZE - 1;
const NONE = -1;

class Chunk {
  readonly number: number;
  readonly pfns: number[] = new Array<number>(SIZE).fill(NONE);
  used = 0;
  constructor(number: number) { this.number = number; }
}

/** How a swapped page is entered, and back. */
export const swappedEntry = (slot: number): number => -2 - slot;
export const slotOfEntry = (entry: number): number => -2 - entry;

export class PageIndex {
  private readonly chunks = new Map<number, Chunk>();
  /** Chunk numbers in order; null: to be sorted again. */
  private order: number[] | null = [];
  private last: Chunk | null = null;
  /** Pages in it. */
  count = 0;

  /** The frame that holds the page, or -1. */
  get(index: number): number {
    const pfn = this.entry(index);
    return pfn >= 0 ? pfn : NONE;
  }

  /** The same, or -2 - slot of a page that was swapped out. */
  entry(index: number): number { return this.chunk(index)?.pfns[index & MASK] ?? NONE; }

  set(index: number, pfn: number): void {
    let c = this.chunk(index);
    if (c === null) {
      c = new Chunk(Math.floor(index / SIZE));
      this.chunks.set(c.number, c);
      this.order = null;
      this.last = c;
    }
    if (c.pfns[index & MASK] === NONE) {
      c.used++;
      this.count++;
    }
    c.pfns[index & MASK] = pfn;
  }

  /** Forgets the page; what `entry` said of it. */
  delete(index: number): number {
    const c = this.chunk(index);
    if (c === null) return NONE;
    const pfn = c.pfns[index & MASK]!;
    if (pfn === NONE) return NONE;
    c.pfns[index & MASK] = NONE;
    this.count--;
    if (--c.used === 0) {
      this.chunks.delete(c.number);
      this.order = null;
      if (this.last === c) this.last = null;
    }
    return pfn;
  }

  /** The first page >= index that is there, in memory or swapped out, or -1. */
  next(index: number): number {
    if (this.count === 0) return NONE;
    const order = this.sorted();
    for (let k = lowerBound(order, Math.floor(index / SIZE)); k < order.length; k++) {
      const c = this.chunks.get(order[k]!)!;
      const base = c.number * SIZE;
      for (let i = Math.max(0, index - base); i < SIZE; i++) if (c.pfns[i] !== NONE) return base + i;
    }
    return NONE;
  }

  /** The first page >= index that is not there. */
  nextHole(index: number): number {
    let i = index;
    while (this.entry(i) !== NONE) i++;
    return i;
  }

  private chunk(index: number): Chunk | null {
    const number = index < 2 ** 31 ? index >>> SHIFT : Math.floor(index / SIZE);
    const last = this.last;
    if (last !== null && last.number === number) return last;
    const c = this.chunks.get(number);
    if (c === undefined) return null;
    this.last = c;
    return c;
  }

  private sorted(): number[] { return (this.order ??= [...this.chunks.keys()].sort((a, b) => a - b)); }
}

function lowerBound(order: readonly number[], key: number): number {
  let lo = 0, hi = order.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (order[mid]! < key) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
