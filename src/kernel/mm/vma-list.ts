// The mappings of one address space in address order. Two structures over the same objects: short sorted chunks for searching by halves (so that even
// vm.max_map_count mappings cost microseconds), and links from neighbour to neighbour for walking. Every chunk knows a bound of the holes in it, so that
// the search for a place skips what is too small 128 mappings at a time.
import { STACK_GUARD } from './layout.ts';
import type { Vma } from './vma.ts';

/** A chunk is split in two when it has grown to this. */
const CHUNK = 128;

class Chunk {
  vmas: Vma[];
  /** At least as large as any hole right below one of its mappings; -1: to be measured. Holes grow by remove() only. */
  hole = -1;
  constructor(vmas: Vma[]) { this.vmas = vmas; }
  get lastEnd(): number { return this.vmas[this.vmas.length - 1]!.end; }
}

export class VmaList {
  /** Never empty ones. */
  private chunks: Chunk[] = [];
  first: Vma | null = null;
  count = 0;
  private hit: Vma | null = null;
  /** No hole larger than `smallHole` lies between `holeTop` and the top of the mmap area: where a top-down search starts. */
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
    return chunk === undefined ? null : chunk.vmas[indexAfter(chunk.vmas, addr)]!;
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
    for (const chunk of this.chunks) for (const v of chunk.vmas) out.push(v);
    return out;
  }

  insert(v: Vma): void {
    const last = this.chunks.length - 1;
    const at = last < 0 ? 0 : Math.min(chunkAfter(this.chunks, v.start), last);
    if (last < 0) this.chunks.push(new Chunk([]));
    const chunk = this.chunks[at]!;
    const { vmas } = chunk;
    const i = indexAfter(vmas, v.start);
    this.link(v, vmas[i - 1] ?? this.chunks[at - 1]?.vmas.at(-1) ?? null);
    vmas.splice(i, 0, v);
    chunk.hole = -1;
    this.count++;
    if (vmas.length >= CHUNK) this.chunks.splice(at + 1, 0, new Chunk(vmas.splice(CHUNK / 2)));
  }

  /** `v` is gone from the space, or was merged into its neighbour. */
  remove(v: Vma): void {
    const at = chunkAfter(this.chunks, v.start);
    const chunk = this.chunks[at]!;
    const i = indexAfter(chunk.vmas, v.start);
    chunk.vmas.splice(i, 1);
    chunk.hole = -1;
    // The hole that `v` leaves lies below its successor.
    if (i === chunk.vmas.length && at + 1 < this.chunks.length) this.chunks[at + 1]!.hole = -1;
    if (chunk.vmas.length === 0) this.chunks.splice(at, 1);
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
    const end = this.holeTop;
    let c = chunkAfter(this.chunks, end - 1);
    let i = c < this.chunks.length ? indexAfter(this.chunks[c]!.vmas, end - 1) : -1;
    if (c === this.chunks.length) {
      if (this.fits(end, Math.max(bottom, this.last?.end ?? bottom), length)) return end - length;
      c--;
      i = c < 0 ? -1 : this.chunks[c]!.vmas.length - 1;
    }
    for (; c >= 0; i = --c < 0 ? -1 : this.chunks[c]!.vmas.length - 1) {
      const chunk = this.chunks[c]!;
      const { vmas } = chunk;
      if (i === vmas.length - 1 && largestHole(chunk) < length) {
        if (chunk.hole > this.smallHole) this.smallHole = chunk.hole;
        continue;
      }
      for (; i >= 0; i--) {
        const above = vmas[i]!;
        const edge = Math.min(end, edgeOf(above));
        if (this.fits(edge, Math.max(bottom, above.prev?.end ?? bottom), length)) return edge - length;
      }
    }
    return -1;
  }

  /** Is the hole [start, end) large enough? Remembered either way. */
  private fits(end: number, start: number, length: number): boolean {
    const hole = end - start;
    if (hole >= length) {
      this.holeTop = end;
      return true;
    }
    if (hole > this.smallHole) this.smallHole = hole;
    return false;
  }

  /** Empties the list; what was in it, in order. */
  clear(): Vma[] {
    const all = this.toArray();
    this.chunks = [];
    this.first = this.hit = null;
    this.count = this.holeTop = 0;
    return all;
  }

  private get last(): Vma | null { return this.chunks.at(-1)?.vmas.at(-1) ?? null; }

  private link(v: Vma, prev: Vma | null): void {
    v.prev = prev;
    v.next = prev === null ? this.first : prev.next;
    if (prev === null) this.first = v;
    else prev.next = v;
    if (v.next !== null) v.next.prev = v;
  }
}

/** Where what is free below a mapping ends: a stack keeps its guard gap. */
const edgeOf = (v: Vma): number => (v.growsDown ? v.start - STACK_GUARD : v.start);

/** Bound of the holes below the mappings of a chunk, measured if need be. */
function largestHole(chunk: Chunk): number {
  if (chunk.hole >= 0) return chunk.hole;
  let hole = 0;
  for (const v of chunk.vmas) hole = Math.max(hole, edgeOf(v) - (v.prev === null ? 0 : v.prev.end));
  return (chunk.hole = hole);
}

/** The first chunk whose last mapping ends behind `addr`; `chunks.length` if there is none. */
function chunkAfter(chunks: readonly Chunk[], addr: number): number {
  let lo = 0, hi = chunks.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (chunks[mid]!.lastEnd > addr) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}

/** The first mapping of `vmas` that ends behind `addr`. */
function indexAfter(vmas: readonly Vma[], addr: number): number {
  let lo = 0, hi = vmas.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (vmas[mid]!.end > addr) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}
