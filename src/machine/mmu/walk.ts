// The Sv39 page-table walk of an access from user mode (RISC-V Privileged ISA, "Sv39: Page-Based 39-bit Virtual-Memory System"). Sets A, and D for writes.
import { ACCESS_WRITE, type Access, PAGE_SHIFT, PTE_A, PTE_D, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, type Ram } from '../machine.ts';

const NEEDS = [PTE_R, PTE_W, PTE_X] as const satisfies Record<Access, number>;

/** Where the last successful walk ended. */
export interface Leaf {
  /** Frame of the 4 KiB page. */
  pfn: number;
  /** Low word of the PTE, A and D as they are now. */
  pte: number;
}

/** Walks from `rootPfn` for the virtual address hi:lo. True: `leaf` is filled. False: the access faults. */
export function walk(ram: Ram, rootPfn: number, hi: number, lo: number, access: Access, leaf: Leaf): boolean {
  // Bits 63..39 must equal bit 38.
  if (hi >> 6 !== hi << 25 >> 31) return false;
  const { u32 } = ram;
  const frames = ram.size / 4096;
  let table = rootPfn;
  for (let level = 2; level >= 0; level--) {
    const vpn = level === 2 ? (hi << 2 | lo >>> 30) & 511 : lo >>> PAGE_SHIFT + 9 * level & 511;
    const at = (table << PAGE_SHIFT - 2) + vpn * 2 >>> 0;
    const pte = u32[at]!;
    // RAM ends below 4 GiB, so a PPN reaches no further than bit 29; the bits above it and the reserved ones are all zero.
    if (u32[at + 1] !== 0 || (pte & PTE_V) === 0 || (pte & (PTE_R | PTE_W)) === PTE_W) return false;
    const ppn = pte >>> 10;
    if ((pte & (PTE_R | PTE_X)) !== 0) return acceptLeaf(ram, at, level, lo, access, leaf);
    if (ppn >= frames) return false;
    table = ppn;
  }
  return false;
}

function acceptLeaf(ram: Ram, at: number, level: number, lo: number, access: Access, leaf: Leaf): boolean {
  const pte = ram.u32[at]!;
  if ((pte & PTE_U) === 0 || (pte & NEEDS[access]) === 0) return false;
  const within = (1 << 9 * level) - 1;            // a superpage's PPN is aligned to its size
  if ((pte >>> 10 & within) !== 0) return false;
  const pfn = pte >>> 10 | lo >>> PAGE_SHIFT & within;
  if (pfn >= ram.size / 4096) return false;
  const touched = pte | PTE_A | (access === ACCESS_WRITE ? PTE_D : 0);
  if (touched !== (pte | 0)) ram.u32[at] = touched;
  leaf.pfn = pfn;
  leaf.pte = touched;
  return true;
}
