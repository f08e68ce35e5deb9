// The memory management unit of one hart: page-table walks behind the software TLBs, kept coherent with decoded code.
import { ACCESS_EXEC, ACCESS_WRITE, type Access, type CachedPage, type Mmu } from '../machine.ts';
import type { RamImpl } from '../ram.ts';
import { Tlb } from './tlb.ts';
import { type Leaf, walk } from './walk.ts';

/** What the MMU must know of decoded code: a frame is writable through a TLB or decoded, never both. */
export interface DecodedCode {
  has(pfn: number): boolean;
  drop(pfn: number): void;
  flushFetchPage(lo: number): void;
  flushFetchTlb(): void;
}

export const REFILL_FAULT = 0;
export const REFILL_DONE = 1;
/** Done, and the frame holds decoded code; if the access was a write, it did until now. */
export const REFILL_CODE = 2;
export type Refill = typeof REFILL_FAULT | typeof REFILL_DONE | typeof REFILL_CODE;

const FETCH_PAGES_ONE_BY_ONE = 64;

export class MmuImpl implements Mmu {
  readonly #ram: RamImpl;
  readonly #code: DecodedCode;
  readonly tlb: Tlb;
  readonly #leaf: Leaf = { pfn: 0, pte: 0 };
  rootPfn = -1;

  constructor(ram: RamImpl, code: DecodedCode) {
    this.#ram = ram;
    this.#code = code;
    this.tlb = new Tlb(ram);
  }

  activate(rootPfn: number): void {
    this.rootPfn = rootPfn;
    if (this.tlb.activate(rootPfn)) this.#code.flushFetchTlb();
  }

  translate(vaddr: number, access: Access): number {
    if (!(vaddr >= 0 && vaddr < 2 ** 64)) return -1;
    return this.translateWords(Math.floor(vaddr / 2 ** 32) | 0, vaddr | 0, access);
  }

  /** `translate` for an address in two halves. */
  translateWords(hi: number, lo: number, access: Access): number {
    if (access !== ACCESS_EXEC) {
      const host = this.tlb.probe(hi, lo, access === ACCESS_WRITE ? 'write' : 'read');
      if (host >= 0) return host;
    }
    return this.refill(hi, lo, access) !== REFILL_FAULT ? this.#leaf.pfn * 4096 + (lo & 4095) : -1;
  }

  /** Walks and enters the page in the TLB. */
  refill(hi: number, lo: number, access: Access): Refill {
    const leaf = this.#leaf;
    if (this.rootPfn < 0 || !walk(this.#ram, this.rootPfn, hi, lo, access, leaf)) return REFILL_FAULT;
    const wasCode = this.#code.has(leaf.pfn);
    if (wasCode && access === ACCESS_WRITE) this.#code.drop(leaf.pfn);
    if (access !== ACCESS_EXEC) this.tlb.fill(hi, lo, leaf.pfn, leaf.pte, access === ACCESS_WRITE || !wasCode);
    return wasCode ? REFILL_CODE : REFILL_DONE;
  }

  /** Frame to fetch from, or -1. */
  fetchFrame(hi: number, lo: number): number {
    return this.rootPfn >= 0 && walk(this.#ram, this.rootPfn, hi, lo, ACCESS_EXEC, this.#leaf) ? this.#leaf.pfn : -1;
  }

  flushPage(rootPfn: number, vaddr: number): void {
    const slot = this.tlb.slotOf(rootPfn);
    if (slot < 0) return;
    this.tlb.flushPage(slot, vaddr | 0);
    this.#code.flushFetchPage(vaddr | 0);
  }

  flushRange(rootPfn: number, start: number, end: number): void {
    const slot = this.tlb.slotOf(rootPfn);
    if (slot < 0) return;
    const pages = Math.ceil(end / 4096) - Math.floor(start / 4096);
    if (pages > this.tlb.size(slot)) this.tlb.flush(slot);
    else for (let va = start; va < end; va += 4096) this.tlb.flushPage(slot, va | 0);
    if (pages > FETCH_PAGES_ONE_BY_ONE) this.#code.flushFetchTlb();
    else for (let va = start; va < end; va += 4096) this.#code.flushFetchPage(va | 0);
  }

  flushSpace(rootPfn: number): void {
    const slot = this.tlb.slotOf(rootPfn);
    if (slot < 0) return;
    this.tlb.flush(slot);
    this.#code.flushFetchTlb();
  }

  cached(): CachedPage[] { return this.tlb.entries(); }

  releaseSpace(rootPfn: number): void {
    const slot = this.tlb.slotOf(rootPfn);
    if (slot < 0) return;
    this.tlb.release(slot);
    this.#code.flushFetchTlb();
    if (this.rootPfn === rootPfn) this.rootPfn = -1;
  }
}
