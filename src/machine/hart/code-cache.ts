// Decoded pages: which frame is decoded where, and the fetch TLB that leads from virtual pages to them. A frame with decoded code has no write entry in any
// TLB, so every store to it comes by `drop` first: fetch is always coherent with memory.
import { CODE_STRIDE, FETCH_ENTRIES, type RamImpl } from '../ram.ts';
import { H_PAGE_END, OP_SIZE_LOG2, SLOTS_PER_PAGE } from './op.ts';
import type { Loss, Tier } from './tier.ts';

export class CodeCache {
  readonly #ram: RamImpl;
  readonly #code: number;
  readonly #slots: number;
  /** A decoded page of no frame, for single instructions that cannot be kept (hart.ts, `#alone`). */
  readonly scratch: number;
  /** Frame -> slot + 1; 0: not decoded. */
  readonly #slotOfFrame: Int32Array;
  /** Slot -> frame + 1. */
  readonly #frameOfSlot: Int32Array;
  /** Sum over the frame when its slot was made, and when that was last known to hold. */
  readonly #sum: Int32Array;
  readonly #checked: Int32Array;
  readonly #free: number[] = [];
  #epoch = 0;
  /** Told of every frame whose code goes. */
  tier: Tier | null = null;
  /** Changes when any entry of the fetch TLB is lost: nothing that was looked up before may be relied on any more. */
  flushes = 0;
  /** Nothing is in the fetch TLB: flushes come in groups. */
  #isEmpty = false;
  #hand = 0;
  #used = 0;

  constructor(ram: RamImpl) {
    this.#ram = ram;
    this.#code = ram.layout.code;
    this.#slots = ram.layout.codeSlots - 1;
    this.scratch = this.#code + this.#slots * CODE_STRIDE;
    markPageEnd(ram, this.scratch);
    this.#slotOfFrame = new Int32Array(ram.size / 4096);
    this.#frameOfSlot = new Int32Array(this.#slots);
    this.#sum = new Int32Array(this.#slots);
    this.#checked = new Int32Array(this.#slots);
    this.flushFetchTlb();
  }

  has(pfn: number): boolean { return this.#slotOfFrame[pfn] !== 0; }

  /** Address of the frame's decoded page; a new one is all undecoded. */
  pageOf(pfn: number): number {
    const known = this.#slotOfFrame[pfn]!;
    if (known !== 0 && this.#isCurrent(known - 1, pfn)) return this.#code + (known - 1) * CODE_STRIDE;
    if (known !== 0) this.drop(pfn);
    const slot = this.#takeSlot();
    this.#slotOfFrame[pfn] = slot + 1;
    this.#frameOfSlot[slot] = pfn + 1;
    this.#sum[slot] = this.#compute(pfn);
    this.#checked[slot] = this.#epoch;
    const ops = this.#code + slot * CODE_STRIDE;
    markPageEnd(this.#ram, ops);
    return ops;
  }

  /** The frame that the decoded page `ops` belongs to. */
  frameAt(ops: number): number { return this.#frameOfSlot[(ops - this.#code) / CODE_STRIDE]! - 1; }

  /** Sum over a frame with a decoded page. */
  sumOf(pfn: number): number { return this.#sum[this.#slotOfFrame[pfn]! - 1]!; }

  /** Forgets the decoded code of a frame. */
  drop(pfn: number, why: Loss = 'changed'): void {
    const known = this.#slotOfFrame[pfn]!;
    if (known === 0) return;
    this.#vacate(known - 1, why);
    this.#free.push(known - 1);
    this.flushFetchTlb();
  }

  /** Trusts no decoded page any more until its frame has been looked at again. */
  recheckAll(): void {
    this.#epoch++;
    this.flushFetchTlb();
  }

  /** Trusts what is decoded of a frame no more than what it holds now. */
  recheck(pfn: number): void {
    const known = this.#slotOfFrame[pfn]!;
    if (known !== 0 && this.#compute(pfn) !== this.#sum[known - 1]) this.drop(pfn);
  }

  /** Frames that no longer hold what was decoded: each sum is looked at again. Slow, for audits. */
  stale(): number[] {
    const out: number[] = [];
    for (let slot = 0; slot < this.#used; slot++) {
      const pfn = this.#frameOfSlot[slot]! - 1;
      if (pfn >= 0 && this.#compute(pfn) !== this.#sum[slot]) out.push(pfn);
    }
    return out;
  }

  /** Decoded page of a virtual page in the address space `space`, or 0. */
  lookup(space: number, hi: number, lo: number): number {
    const at = this.#entry(lo);
    const { i32 } = this.#ram;
    return i32[at] === (hi << 20 | lo >>> 12) && i32[at + 1] === (space << 20 | hi >>> 12) ? i32[at + 2]! : 0;
  }

  enter(space: number, hi: number, lo: number, ops: number): void {
    this.#isEmpty = false;
    const at = this.#entry(lo);
    const { i32 } = this.#ram;
    i32[at] = hi << 20 | lo >>> 12;
    i32[at + 1] = space << 20 | hi >>> 12;
    i32[at + 2] = ops;
  }

  /** Forgets one virtual page, of whatever space. */
  flushFetchPage(lo: number): void {
    const at = this.#entry(lo) + 1, { i32 } = this.#ram;
    if (i32[at] !== -1) this.flushes++;
    i32[at] = -1;
  }

  flushFetchTlb(): void {
    this.flushes++;
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    const from = this.#ram.layout.fetchTlb >>> 2;
    this.#ram.i32.fill(-1, from, from + FETCH_ENTRIES * 4);
  }

  #isCurrent(slot: number, pfn: number): boolean {
    if (this.#checked[slot] === this.#epoch) return true;
    this.#checked[slot] = this.#epoch;
    return this.#compute(pfn) === this.#sum[slot];
  }

  #compute(pfn: number): number {
    const { i32 } = this.#ram;
    let sum = 0;
    for (let i = pfn * 1024, end = i + 1024; i < end; i++) sum = Math.imul(sum ^ i32[i]!, 0x01000193) ^ sum >>> 15;
    return sum;
  }

  #entry(lo: number): number { return (this.#ram.layout.fetchTlb >>> 2) + (lo >>> 12 & FETCH_ENTRIES - 1) * 4; }

  #takeSlot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used < this.#slots) return this.#used++;
    this.#hand = (this.#hand + 1) % this.#slots;
    this.#vacate(this.#hand, 'evicted');
    this.flushFetchTlb();
    return this.#hand;
  }

  #vacate(slot: number, why: Loss): void {
    const pfn = this.#frameOfSlot[slot]! - 1;
    this.#slotOfFrame[pfn] = 0;
    this.#frameOfSlot[slot] = 0;
    this.tier?.drop(pfn, why);
    const ops = this.#code + slot * CODE_STRIDE;
    this.#ram.u8.fill(0, ops, ops + CODE_STRIDE);
  }
}

/** Puts the sentinels behind the last slot. */
function markPageEnd(ram: RamImpl, ops: number): void {
  const end = ops + (SLOTS_PER_PAGE << OP_SIZE_LOG2);
  ram.u16[end >>> 1] = H_PAGE_END;
  ram.u16[end + 8 >>> 1] = H_PAGE_END;
}
