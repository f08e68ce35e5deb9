// Sv39 page tables in RAM frames (RISC-V privileged specification, "Sv39: Page-Based 39-bit Virtual-Memory System").
// Frames lie below 4 GiB, so that a PTE's PPN fits its low word and the high word is always zero: an entry is read and written as one u32.
// A table's record names its space (Frames.owner: the root) and where it lies in it (Frames.next), so that an entry's position is enough to find both.
// Invariant: every table below the root has at least one entry in use (Frames.index counts them), except between ensure() and set().
import { PTE_A, PTE_D, PTE_PPN_SHIFT, PTE_SW0, PTE_SW1, PTE_V } from '../../machine/machine.ts';
import { KIND_TABLE } from './frame-kinds.ts';
import type { Frames } from './frames.ts';

const ENTRIES = 512;
/** Words of u32 per frame; entry i has its low word at 2 * i. */
const WORDS = 1024;
/** Root entries of the user half. */
const USER_ENTRIES = 256;

export const ptePfn = (pte: number): number => pte >>> PTE_PPN_SHIFT;
export const makePte = (pfn: number, flags: number): number => ((pfn << PTE_PPN_SHIFT) | flags) >>> 0;

/** Bits that the hart sets and a change of protection keeps. */
export const PTE_USED = PTE_A | PTE_D;
/** A page that is here while its mapping is PROT_NONE: V alone would mean a pointer to a table, so V is clear and this is set. */
export const PTE_NONE = PTE_SW0;
/** No page but a swap slot: V and PTE_NONE are clear, this is set, and the slot stands where the frame would. */
export const PTE_SWAP = PTE_SW1;
/** Slots that an entry can name. */
export const SWAP_SLOTS = 2 ** 22;

/** Is there a page behind the entry, readable or not? */
export const isPresent = (pte: number): boolean => (pte & (PTE_V | PTE_NONE)) !== 0;
export const isSwapped = (pte: number): boolean => (pte & (PTE_V | PTE_NONE | PTE_SWAP)) === PTE_SWAP;
export const swapPte = (slot: number): number => ((slot << PTE_PPN_SHIFT) | PTE_SWAP) >>> 0;
export const swapSlot = (pte: number): number => pte >>> PTE_PPN_SHIFT;

export class PageTable {
  private readonly frames: Frames;
  private readonly u32: Uint32Array;
  readonly rootPfn: number;
  /** Frames used by the tree, root included (VmPTE). */
  tables = 1;

  /** Takes over `rootPfn`, a zeroed KIND_TABLE frame. */
  constructor(frames: Frames, rootPfn: number) {
    this.frames = frames;
    this.u32 = frames.ram.u32;
    this.rootPfn = rootPfn;
  }

  /** Position in ram.u32 of the leaf entry of page `vpn`, or -1 where no table reaches. */
  walk(vpn: number): number {
    const u32 = this.u32;
    const e2 = u32[this.rootPfn * WORDS + (vpn >>> 18) * 2]!;
    if (e2 === 0) return -1;
    const e1 = u32[ptePfn(e2) * WORDS + ((vpn >>> 9) & 511) * 2]!;
    return e1 === 0 ? -1 : ptePfn(e1) * WORDS + (vpn & 511) * 2;
  }

  /** The leaf entry of page `vpn`, 0 if there is none. */
  read(vpn: number): number {
    const at = this.walk(vpn);
    return at < 0 ? 0 : this.u32[at]!;
  }

  /** Like walk, but makes the tables; -1 if memory is out. An empty table made here goes with the next prune. */
  ensure(vpn: number): number {
    const l1 = this.descend(this.rootPfn, vpn >>> 18, vpn);
    if (l1 < 0) return -1;
    const leaf = this.descend(l1, (vpn >>> 9) & 511, vpn);
    if (leaf < 0) {
      this.prune(vpn);
      return -1;
    }
    return leaf * WORDS + (vpn & 511) * 2;
  }

  /** Writes the leaf entry at `at` (from walk or ensure). */
  set(at: number, pte: number): void {
    const had = this.u32[at] !== 0;
    if (had !== (pte !== 0)) this.frames.index[(at / WORDS) | 0]! += had ? -1 : 1;
    this.u32[at] = pte;
  }

  /** The first page in [vpn, end) with an entry, or -1: empty tables are skipped whole. */
  find(vpn: number, end: number): number {
    const u32 = this.u32;
    let v = vpn;
    while (v < end) {
      const e2 = u32[this.rootPfn * WORDS + (v >>> 18) * 2]!;
      if (e2 === 0) { v = ((v >>> 18) + 1) << 18; continue; }
      const e1 = u32[ptePfn(e2) * WORDS + ((v >>> 9) & 511) * 2]!;
      if (e1 === 0) { v = ((v >>> 9) + 1) << 9; continue; }
      const base = ptePfn(e1) * WORDS;
      const stop = Math.min(end, ((v >>> 9) + 1) << 9);
      for (; v < stop; v++) if (u32[base + (v & 511) * 2] !== 0) return v;
    }
    return -1;
  }

  /** Frees the tables above page `vpn` that have become empty. */
  prune(vpn: number): void {
    const u32 = this.u32, { index } = this.frames;
    const at2 = this.rootPfn * WORDS + (vpn >>> 18) * 2;
    if (u32[at2] === 0) return;
    const l1 = ptePfn(u32[at2]!);
    const at1 = l1 * WORDS + ((vpn >>> 9) & 511) * 2;
    if (u32[at1] !== 0 && index[ptePfn(u32[at1]!)] === 0) {
      this.drop(ptePfn(u32[at1]!));
      u32[at1] = 0;
      index[l1]!--;
    }
    if (index[l1] !== 0) return;
    this.drop(l1);
    u32[at2] = 0;
    index[this.rootPfn]!--;
  }

  /** Page that the leaf entry at position `at` serves. */
  static pageAt(frames: Frames, at: number): number { return (frames.next[at >>> 10]! << 9) | ((at & (WORDS - 1)) >>> 1); }
  /** Root of the space that the entry belongs to. */
  static rootAt(frames: Frames, at: number): number { return frames.owner[at >>> 10]!; }

  /** Frees every table; the leaves' frames must be gone. */
  destroy(): void {
    const u32 = this.u32;
    for (let i = 0; i < USER_ENTRIES; i++) {
      const e2 = u32[this.rootPfn * WORDS + i * 2]!;
      if (e2 === 0) continue;
      for (let j = 0; j < ENTRIES; j++) {
        const e1 = u32[ptePfn(e2) * WORDS + j * 2]!;
        if (e1 !== 0) this.drop(ptePfn(e1));
      }
      this.drop(ptePfn(e2));
    }
    this.drop(this.rootPfn);
  }

  private descend(table: number, entry: number, vpn: number): number {
    const at = table * WORDS + entry * 2;
    const e = this.u32[at]!;
    if (e !== 0) return ptePfn(e);
    const pfn = this.frames.alloc(KIND_TABLE);
    if (pfn < 0) return -1;
    this.tables++;
    this.frames.index[table]!++;
    this.frames.owner[pfn] = this.rootPfn;
    this.frames.next[pfn] = vpn >>> 9;
    this.u32[at] = makePte(pfn, PTE_V);
    return pfn;
  }

  private drop(pfn: number): void {
    this.tables--;
    this.frames.put(pfn);
  }
}
