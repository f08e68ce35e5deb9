// The mappings of one address space in address order. Two structures over the same objects: short sorted chunks for searching by halves (so that even
// vm.max_map_count mappings cost microseconds), and links from neighbour to neighbour for walking.
import { STACK_GUARD } from './layout.ts';
import type { Vma } from './vma.ts';

/** A chunk is split in two when it has grown to this. */
const CHUNK = 128;

export class VmaList {
  /** Never empty ones, except when there is no mapping at all. */
  private chunks: Vma[][] = [];
  first: Vma | null = null;
  count = 0;
  private hit: Vma | null = null;
  /** No hole larger than `#smallHole` lies between `#holeTop` and the top of the mmap area: where a top-down search starts. */
  private holeTop = 0;
  private smallHole = 0;

  /** The mapping that contains `addr`. */
  find(addr: number): Vma | null {
    const hit = this.hit;
    if (hit !== null && addr >= hit.start && addr < hit.end) return hit;
    const v = this.after(addr);
    if (v === null || v.start > addr) return null;
    this.hit = v;
    return v;
  }

  /** The first mapping with end > addr: the one that contains `addr`, or the next. */
  after(addr: number): Vma | null {
    const chunk = this.chunks[chunkAfter(this.chunks, addr)];
    return chunk === undefined ? null : chunk[indexAfter(chunk, addr)]!;
  }

  /** The last mapping with end <= addr. */
  before(addr: number): Vma | null {
    const next = this.after(addr);
    return next === null ? this.last : next.prev;
  }

  /** True if nothing lies in [start, end). */
  isFree(start: number, end: number): boolean {
    const v = this.after(start);
    return v === null || v.start >= end;
  }

  toArray(): Vma[] {
    const out: Vma[] = [];
    for (const chunk of this.chunks) for (const v of chunk) out.push(v);
    return out;
  }

  insert(v: Vma): void {
    const last = this.chunks.length - 1;
    const at = Math.min(chunkAfter(this.chunks, v.start), Math.max(0, last));
    const chunk = (this.chunks[at] ??= []);
    const i = indexAfter(chunk, v.start);
    this.link(v, chunk[i - 1] ?? this.chunks[at - 1]?.at(-1) ?? null);
    chunk.splice(i, 0, v);
    this.count++;
    if (chunk.length >= CHUNK) this.chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  /** `v` is gone from the space, or was merged into its neighbour. */
  remove(v: Vma): void {
    const at = chunkAfter(this.chunks, v.start);
    const chunk = this.chunks[at]!;
    chunk.splice(indexAfter(chunk, v.start), 1);
    if (chunk.length === 0) this.chunks.splice(at, 1);
    if (v.prev !== null) v.prev.next = v.next;
    else this.first = v.next;
    if (v.next !== null) v.next.prev = v.prev;
    this.count--;
    if (this.hit === v) this.hit = null;
  }

  /** Space around `end` became free: the next search for a hole may have to start higher. */
  freed(end: number): void {
    const next = this.after(end - 1);
    this.holeTop = Math.max(this.holeTop, next === null ? end : next.start);
  }

  /** The highest free range of `length` bytes below `top`, as mmap picks it; -1 if there is none above `bottom`. */
  findHole(length: number, top: number, bottom: number): number {
    if (length <= this.smallHole || this.holeTop > top || this.holeTop === 0) {
      this.holeTop = top;
      this.smallHole = 0;
    }
    let end = this.holeTop;
    let above = this.after(end - 1);
    let below = above === null ? this.last : above.prev;
    for (;;) {
      if (above !== null) end = Math.min(end, above.growsDown ? above.start - STACK_GUARD : above.start);
      const start = below === null ? bottom : Math.max(bottom, below.end);
      const hole = end - start;
      if (hole >= length) {
        this.holeTop = end;
        return end - length;
      }
      if (hole > this.smallHole) this.smallHole = hole;
      if (below === null || start === bottom) return -1;
      above = below;
      below = below.prev;
    }
  }

  /** Empties the list; what was in it, in order. */
  clear(): Vma[] {
    const all = this.toArray();
    this.chunks = [];
    this.first = this.hit = null;
    this.count = this.holeTop = 0;
    return all;
  }

  private get last(): Vma | null { return this.chunks.at(-1)?.at(-1) ?? null; }

  private link(v: Vma, prev: Vma | null): void {
    v.prev = prev;
    v.next = prev === null ? this.first : prev.next;
    if (prev === null) this.first = v;
    else prev.next = v;
    if (v.next !== null) v.next.prev = v;
  }
}

/** The first chunk whose last mapping ends behind `addr`; `chunks.length` if there is none. */
function chunkAfter(chunks: readonly Vma[][], addr: number): number {
  let lo = 0, hi = chunks.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    const chunk = chunks[mid]!;
    if (chunk[chunk.length - 1]!.end > addr) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}

/** The first mapping of `chunk` that ends behind `addr`. */
function indexAfter(chunk: readonly Vma[], addr: number): number {
  let lo = 0, hi = chunk.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (chunk[mid]!.end > addr) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}
