// What ties a region's function to the rest: indices in its module, addresses of decoded pages, and the guard that a page of the region is still where it was.
import { CTX_SPACE } from '../hart/context.ts';
import { FETCH_ENTRIES } from '../ram.ts';
import type { Local } from '../isa/wasm-ops.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import { ANCHOR_OPS } from './anchors.ts';
import { PAGE, type RegionOps } from './region-ops.ts';

/** Indices that a body refers to, and addresses. */
export interface Linkage {
  readonly regionType: number;
  readonly go: number;
  readonly ecall: number;
  readonly leave: number;
  /** The function itself. */
  readonly self: number;
  readonly fetchTlb: number;
  readonly jumps: number;
  /** Address of the region's anchor (anchors.ts), and the pages that it has, in their order. */
  readonly anchor: number;
  readonly pages: readonly number[];
  /** Whether computed jumps record their targets (sites.ts). */
  readonly hasSite: boolean;
}

/** Looks at the fetch TLB from inside a region; pages are named by their distance from the entry's. */
export class PageGuard {
  readonly #c: Body;
  readonly #ops: RegionOps;
  readonly #linkage: Linkage;
  readonly #base: number;
  readonly #at: Local;

  /** `at`: what an exit knows is set in front of it, so that its local is free here. */
  constructor(c: Body, ops: RegionOps, linkage: Linkage, base: number, at: Local) {
    this.#c = c;
    this.#ops = ops;
    this.#linkage = linkage;
    this.#base = base;
    this.#at = at;
  }

  /** Condition: the page is not known, or another frame than at translation is mapped there. */
  hasChanged(page: number): void {
    const c = this.#c;
    this.isMissing(page);
    this.decoded(); this.expected(page); c.op(w.i32_ne);
    c.op(w.i32_or);
  }

  /** Condition: the fetch TLB does not have the page. Keeps where its entry is. */
  isMissing(page: number): void {
    const c = this.#c;
    this.#entryOf(page); c.tee(this.#at); c.mem(w.i64_load, 3, this.#linkage.fetchTlb);
    this.#ops.address(page * 4096); c.i64Const(12); c.op(w.i64_shr_u);
    c.i32Const(0); c.mem(w.i64_load, 3, this.#base + CTX_SPACE); c.op(w.i64_or);
    c.op(w.i64_ne);
  }

  /** Pushes the address of the decoded page that is mapped where `isMissing` has looked. */
  decoded(): void {
    this.#c.get(this.#at);
    this.#c.mem(w.i32_load, 2, this.#linkage.fetchTlb + 8);
  }

  /** Pushes the address of the decoded page that a page of the region has. */
  expected(page: number): void {
    const c = this.#c, { anchor, pages } = this.#linkage;
    c.i32Const(0); c.mem(w.i32_load, 2, anchor + ANCHOR_OPS + 4 * pages.indexOf(page));
  }

  /** Offset of the page's entry in the fetch TLB. */
  #entryOf(page: number): void {
    const c = this.#c;
    c.get(PAGE); c.i64Const(8); c.op(w.i64_shr_u); c.op(w.i32_wrap_i64);
    if (page !== 0) { c.i32Const(page * 16); c.op(w.i32_add); }
    c.i32Const((FETCH_ENTRIES - 1) * 16); c.op(w.i32_and);
  }
}
