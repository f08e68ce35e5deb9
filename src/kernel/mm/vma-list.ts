// The mappings of one address space in address order: an array, searched by halves. Inserting moves pointers only, so that even 65530 mappings
// (vm.max_map_count) split in microseconds. Remembers the last hit and where the last free range was found.
import { STACK_GUARD } from './layout.ts';
import type { Vma } from './vma.ts';

export class VmaList {
  readonly items: Vma[] = [];
  #hit: Vma | null = null;
  /** No hole larger than `#smallHole` lies between `#holeTop` and the top of the mmap area: where a top-down search starts. */
  #holeTop = 0;
  #smallHole = 0;

  get count(): number { return this.items.length; }

  /** The mapping that contains `addr`. */
  find(addr: number): Vma | null {
    const hit = this.#hit;
    if (hit !== null && addr >= hit.start && addr < hit.end) return hit;
    const v = this.items[this.indexAfter(addr)];
    if (v === undefined || v.start > addr) return null;
    this.#hit = v;
    return v;
  }

  /** Index of the first mapping with end > addr (the one that contains addr, or the next); `count` if there is none. */
  indexAfter(addr: number): number {
    const { items } = this;
    let lo = 0, hi = items.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (items[mid]!.end > addr) hi = mid;
      else lo = mid + 1;
    }
    return lo;
  }

  /** The first mapping with end > addr. */
  after(addr: number): Vma | null { return this.items[this.indexAfter(addr)] ?? null; }

  /** True if nothing lies in [start, end). */
  isFree(start: number, end: number): boolean {
    const v = this.after(start);
    return v === null || v.start >= end;
  }

  insert(v: Vma): void { this.items.splice(this.indexAfter(v.start), 0, v); }

  /** `v` was merged into its neighbour. */
  absorb(v: Vma): void {
    this.items.splice(this.items.indexOf(v, this.indexAfter(v.start)), 1);
    if (this.#hit === v) this.#hit = null;
  }

  /** Takes items [from, to) out at once. */
  removeRange(from: number, to: number): Vma[] {
    const gone = this.items.splice(from, to - from);
    if (gone.length > 0) this.removed(gone[gone.length - 1]!.end);
    this.#hit = null;
    return gone;
  }

  /** Space below `end` became free: the next search may have to start higher. */
  removed(end: number): void {
    const next = this.items[this.indexAfter(end - 1)];
    this.#holeTop = Math.max(this.#holeTop, next === undefined ? end : next.start);
  }

  /** The highest free range of `length` bytes below `top`, as mmap picks it; -1 if there is none above `bottom`. */
  findHole(length: number, top: number, bottom: number): number {
    if (length <= this.#smallHole || this.#holeTop > top || this.#holeTop === 0) {
      this.#holeTop = top;
      this.#smallHole = 0;
    }
    let end = this.#holeTop;
    for (let i = this.indexAfter(end - 1); ; i--) {
      const above = this.items[i];
      if (above !== undefined) end = Math.min(end, above.growsDown ? above.start - STACK_GUARD : above.start);
      const start = Math.max(bottom, this.items[i - 1]?.end ?? 0);
      const hole = end - start;
      if (hole >= length) {
        this.#holeTop = end;
        return end - length;
      }
      if (hole > this.#smallHole) this.#smallHole = hole;
      if (i <= 0 || start === bottom) return -1;
    }
  }

  clear(): Vma[] {
    this.#hit = null;
    this.#holeTop = 0;
    return this.items.splice(0);
  }
}
