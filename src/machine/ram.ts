// Physical memory: one WebAssembly.Memory of fixed size, so that no view ever detaches. The host reserves the address space and backs a page with
// memory when it is first touched. The low frames belong to the machine: hart contexts, fetch TLBs, TLBs, decoded code; see `Layout`.
import { PAGE_SIZE, type Ram } from './machine.ts';

/** Physical addresses of the machine's own areas. Frame 0 stays empty: a stray null is not the machine's state. */
export interface Layout {
  /** One frame per hart: context (machine.ts) and the hart's private words (hart/context.ts). */
  readonly harts: number;
  /** Fetch TLB, FETCH_ENTRIES * 16 bytes: virtual page -> decoded page. */
  readonly fetchTlb: number;
  /** TLB_SLOTS address spaces, `tlbStride` bytes each: a read table and a write table of `tlbEntries` 64-bit entries, and what is looked at behind the last one. */
  readonly tlb: number;
  readonly tlbStride: number;
  /** Power of two; entries * 4 KiB >= size + 8 KiB, or an aliasing address could pass the check (mmu/tlb.ts). */
  readonly tlbEntries: number;
  /** Decoded pages: `codeSlots` * CODE_STRIDE bytes. */
  readonly code: number;
  readonly codeSlots: number;
  /** What translated code records, SITES_SIZE bytes (jit/sites.ts). */
  readonly sites: number;
  /** What each translated region must know of where it lies: `anchorCount` * ANCHOR_SIZE bytes (jit/anchors.ts). */
  readonly anchors: number;
  readonly anchorCount: number;
  /** Where jumps from region to region have gone, JUMPS_SIZE bytes (jit/jumps.ts). */
  readonly jumps: number;
}

export const TLB_SLOTS = 8;
/** Reaches 16 MiB: libraries lie side by side, and two that shared entries would cost an exit each time one calls the other. */
export const FETCH_ENTRIES = 4096;
/** 2048 halfword slots of 8 bytes, two page-end sentinels, rounded up to a cache line. */
export const CODE_STRIDE = 2056 * 8;

/** Translator: room for the targets of the computed jumps of 120 regions. */
export const SITES_SIZE = 120 * 1032;

/** 4096 targets. */
export const JUMPS_SIZE = 4096 * 16;

/** An address for the region's site, and the decoded pages of 15 pages. */
export const ANCHOR_SIZE = 64;

const WASM_PAGE = 65536;
const NO_RAM = 2 * PAGE_SIZE;

export class RamImpl implements Ram {
  readonly memory: WebAssembly.Memory;
  /** The last two frames of the memory are no RAM: invalid TLB entries point to the last or beyond, and are never those of RAM's last frame, too (mmu/tlb.ts). */
  readonly size: number;
  readonly wasmPages: number;
  readonly firstFreePfn: number;
  readonly layout: Layout;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;

  constructor(sizeBytes: number) {
    this.wasmPages = Math.ceil(sizeBytes / WASM_PAGE);
    this.size = this.wasmPages * WASM_PAGE - NO_RAM;
    this.memory = new WebAssembly.Memory({ initial: this.wasmPages, maximum: this.wasmPages });
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    const { layout, end } = layOut(this.size + NO_RAM);
    this.layout = layout;
    this.firstFreePfn = Math.ceil(end / PAGE_SIZE);
  }
}

/** RAM of `sizeBytes` (at least 8 MiB, at most 4 GiB - 64 KiB), rounded up to 64 KiB. */
export function createRam(sizeBytes: number): RamImpl {
  if (!(sizeBytes >= 8 << 20 && sizeBytes <= 2 ** 32 - WASM_PAGE)) throw new RangeError(`RAM size ${sizeBytes} is not between 8 MiB and 4 GiB`);
  return new RamImpl(sizeBytes);
}

/** A sixteenth of RAM holds decoded code: 64 MiB keep 255 code pages at hand, 512 MiB 2040. */
function layOut(size: number): { layout: Layout; end: number } {
  const tlbEntries = 2 ** Math.ceil(Math.log2(size / PAGE_SIZE));
  const harts = PAGE_SIZE;
  const fetchTlb = harts + PAGE_SIZE;
  // Low: its addresses stand in translated code, where small numbers are short.
  const jumps = fetchTlb + FETCH_ENTRIES * 16, anchors = jumps + JUMPS_SIZE, anchorCount = Math.min(32768, size / 8192);
  const tlb = Math.ceil((anchors + anchorCount * ANCHOR_SIZE) / PAGE_SIZE) * PAGE_SIZE;
  const tlbStride = tlbEntries * 16 + 16, code = tlb + TLB_SLOTS * tlbStride;
  const codeSlots = Math.min(4096, Math.floor(size / 16 / CODE_STRIDE));
  const sites = code + codeSlots * CODE_STRIDE;
  return { layout: { harts, fetchTlb, tlb, tlbStride, tlbEntries, code, codeSlots, jumps, sites, anchors, anchorCount }, end: sites + SITES_SIZE };
}
