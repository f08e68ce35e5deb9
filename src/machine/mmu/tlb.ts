// The software TLBs: per cached address space one read and one write table with a 64-bit entry for each virtual page slot,
//   entry = host page address - virtual page address,
// so that `addr + entry` is the host address, and one unsigned comparison with ram.size checks tag and permission: an address that shares the slot differs by
// a multiple of the reach, entries * 4 KiB >= ram.size + 8 KiB, hence lands outside. An invalid entry sends its slot to the last page of the reach, which is
// never RAM: any constant instead would be a hit for some (non-canonical) address, and a window into physical memory.
// Where a valid entry and the one behind it are equal, the next page is there, too, next to it in RAM: another page in that slot would lie a reach away, an invalid
// entry would be that of RAM's last frame but one. Behind the last entry is the first of the other table, which says the same, or one that stays 0.
import { type CachedPage, PTE_D, PTE_W } from '../machine.ts';
import { type RamImpl, TLB_SLOTS } from '../ram.ts';

/** One address space's place in the TLB area. */
class Slot {
  rootPfn = -1;
  lastUse = 0;
  initialized = false;
  /** Entry numbers written since the last flush, each once. */
  touched = new Int32Array(256);
  /** By entry: 1 if it is among them. */
  isTouched = new Uint8Array(0);
  count = 0;
}

export class Tlb {
  readonly #i32: Int32Array;
  readonly #base: number;
  readonly #stride: number;
  readonly #entries: number;
  readonly #size: number;
  readonly #slots: readonly Slot[] = Array.from({ length: TLB_SLOTS }, () => new Slot());
  /** Frames that some write entry reaches, so that decoding one knows whether to look for it. */
  readonly #writable: Uint8Array;
  #clock = 0;
  /** How many valid entries have become others, or invalid: what a look-up has found may no longer be so. */
  revocations = 0;
  /** Index and address of the active space. */
  active = 0;
  activeBase: number;

  constructor(ram: RamImpl) {
    this.#i32 = ram.i32;
    this.#base = ram.layout.tlb;
    this.#stride = ram.layout.tlbStride;
    this.#entries = ram.layout.tlbEntries;
    this.#size = ram.size;
    this.#writable = new Uint8Array(ram.size / 4096);
    this.activeBase = this.#base;
    this.#wipe(0);
  }

  /** Makes the space of `rootPfn` the active one. True: its slot belonged to another space, whose fetch TLB entries must go. */
  activate(rootPfn: number): boolean {
    let index = this.slotOf(rootPfn);
    const evicts = index < 0;
    if (evicts) index = this.#claim(rootPfn);
    this.#slots[index]!.lastUse = ++this.#clock;
    this.active = index;
    this.activeBase = this.#base + index * this.#stride;
    return evicts;
  }

  /** Slot of an address space, or -1 if it is not cached. */
  slotOf(rootPfn: number): number {
    if (this.#slots[this.active]!.rootPfn === rootPfn) return this.active;
    for (let i = 0; i < TLB_SLOTS; i++) if (this.#slots[i]!.rootPfn === rootPfn) return i;
    return -1;
  }

  /** Enters the page of hi:lo in the active space: readable, and writable if the PTE is dirty already or `forWrite`. */
  fill(hi: number, lo: number, pfn: number, pte: number, mayWrite: boolean): void {
    const entry = lo >>> 12 & this.#entries - 1;
    const page = lo & ~4095, host = pfn << 12;
    const entryLo = host - page | 0;
    const entryHi = -hi - (host >>> 0 < page >>> 0 ? 1 : 0) | 0;
    const at = (this.activeBase >>> 2) + entry * 2;
    if (this.#i32[at] !== entryLo && !this.#isInvalid(at, entry)) this.revocations++;
    this.#i32[at] = entryLo;
    this.#i32[at + 1] = entryHi;
    const write = at + this.#entries * 2;
    if (mayWrite && (pte & (PTE_W | PTE_D)) === (PTE_W | PTE_D)) {
      this.#i32[write] = entryLo;
      this.#i32[write + 1] = entryHi;
      this.#writable[pfn] = 1;
    } else {
      this.#invalidateAt(write, entry);
    }
    this.#touch(entry);
  }

  /** Host address of hi:lo in the active space's read or write table, or -1. */
  probe(hi: number, lo: number, table: 'read' | 'write'): number {
    const at = (this.activeBase >>> 2) + (lo >>> 12 & this.#entries - 1) * 2 + (table === 'write' ? this.#entries * 2 : 0);
    const entryLo = this.#i32[at]!, entryHi = this.#i32[at + 1]!;
    const host = lo + entryLo >>> 0, carry = host < lo >>> 0 ? 1 : 0;
    if ((hi + entryHi + carry | 0) !== 0) return -1;
    return host < this.#size ? host : -1;
  }

  /** Forgets one page of a slot. */
  flushPage(slot: number, lo: number): void { this.#invalidate(slot, lo >>> 12 & this.#entries - 1); }

  /** How many entries of a slot may be valid: the price of flushing it. */
  size(slot: number): number { return this.#slots[slot]!.count; }

  flush(slot: number): void {
    const s = this.#slots[slot]!;
    for (let i = 0; i < s.count; i++) {
      this.#invalidate(slot, s.touched[i]!);
      s.isTouched[s.touched[i]!] = 0;
    }
    s.count = 0;
  }

  /** Forgets the space itself. */
  release(slot: number): void {
    this.flush(slot);
    this.#slots[slot]!.rootPfn = -1;
    this.#slots[slot]!.lastUse = 0;
  }

  /** The valid entries of all spaces: slow, for audits. */
  entries(): CachedPage[] {
    const out: CachedPage[] = [];
    for (const [slot, s] of this.#slots.entries()) {
      if (s.rootPfn < 0) continue;
      for (let k = 0; k < s.count; k++) for (const writable of [false, true]) this.#describe(slot, s.touched[k]!, writable, out);
    }
    return out;
  }

  /** The one page whose number falls into the slot and whose frame is in RAM; invalid entries have none. */
  #describe(slot: number, entry: number, writable: boolean, out: CachedPage[]): void {
    const at = (this.#base + slot * this.#stride + (writable ? this.#entries * 8 : 0) + entry * 8) >>> 2;
    const lo = this.#i32[at]! >>> 0, reach = this.#entries * 4096;
    const host = (entry * 4096 + lo) % reach;
    if (host < this.#size) out.push({ rootPfn: this.#slots[slot]!.rootPfn, vaddr: host - lo - this.#i32[at + 1]! * 2 ** 32, pfn: host / 4096, writable });
  }

  /** No space may write to the frame without a miss any more: it is about to be decoded. */
  protect(pfn: number): void {
    if (this.#writable[pfn] === 0) return;
    this.#writable[pfn] = 0;
    for (let i = 0; i < TLB_SLOTS; i++) {
      const s = this.#slots[i]!;
      for (let k = 0; k < s.count; k++) this.#protectEntry(i, s.touched[k]!, pfn);
    }
  }

  /** The virtual page is known up to the reach, and so is the host page. */
  #protectEntry(slot: number, entry: number, pfn: number): void {
    const write = (this.#base + slot * this.#stride + this.#entries * 8 + entry * 8) >>> 2;
    const within = (this.#entries << 12) - 1;
    if ((((entry << 12) + this.#i32[write]! ^ pfn << 12) & within) === 0) this.#invalidateAt(write, entry);
  }

  #claim(rootPfn: number): number {
    let victim = 0;
    for (let i = 1; i < TLB_SLOTS; i++) if (this.#slots[i]!.lastUse < this.#slots[victim]!.lastUse) victim = i;
    const s = this.#slots[victim]!;
    if (s.initialized) this.flush(victim);
    else this.#wipe(victim);
    s.rootPfn = rootPfn;
    return victim;
  }

  /** As `#invalidate` for every entry: memory that nobody has written is zero, and this is a part of each start. */
  #wipe(slot: number): void {
    const i32 = this.#i32, first = (this.#base + slot * this.#stride) >>> 2, words = this.#entries * 2;
    for (let at = first, lo = (this.#entries - 1) * 4096; lo >= 0; at += 2, lo -= 4096) i32[at] = lo;
    i32.copyWithin(first + words, first, first + words);
    this.#slots[slot]!.initialized = true;
    this.#slots[slot]!.isTouched = new Uint8Array(this.#entries);
    this.#slots[slot]!.count = 0;
  }

  #invalidate(slot: number, entry: number): void {
    const at = (this.#base + slot * this.#stride + entry * 8) >>> 2;
    this.#invalidateAt(at, entry);
    this.#invalidateAt(at + this.#entries * 2, entry);
  }

  #invalidateAt(at: number, entry: number): void {
    if (this.#isInvalid(at, entry)) return;
    this.revocations++;
    this.#i32[at] = this.#invalid(entry);
    this.#i32[at + 1] = 0;
  }

  /** Lower half of an invalid entry. */
  #invalid(entry: number): number { return (this.#entries - 1 - entry) << 12; }

  #isInvalid(at: number, entry: number): boolean { return this.#i32[at] === this.#invalid(entry) && this.#i32[at + 1] === 0; }

  #touch(entry: number): void {
    const s = this.#slots[this.active]!;
    if (s.isTouched[entry] === 1) return;
    s.isTouched[entry] = 1;
    if (s.count === s.touched.length) {
      const longer = new Int32Array(s.count * 2);
      longer.set(s.touched);
      s.touched = longer;
    }
    s.touched[s.count++] = entry;
  }
}
