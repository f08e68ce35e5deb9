// What a translated region must know of where it lies, in machine memory and not in its code: where the decoded pages of its pages are, and the site of its
// computed jumps. So one and the same module serves wherever its pages are, in this run and in later ones.
import { ANCHOR_SIZE, type RamImpl } from '../ram.ts';

/** Pages that a region may lie in. */
export const ANCHOR_PAGES = ANCHOR_SIZE / 4 - 1;
/** Offsets in an anchor: u32 address of the site; then u32 addresses of decoded pages. */
export const ANCHOR_SITE = 0, ANCHOR_OPS = 4;

/** Address of the anchor of the region at `index` of the table. */
export function anchorOf(ram: RamImpl, index: number): number { return ram.layout.anchors + index * ANCHOR_SIZE; }

/** `ops`: of the region's pages, in their order. */
export function setAnchor(ram: RamImpl, index: number, site: number, ops: readonly number[]): void {
  const at = anchorOf(ram, index) >>> 2;
  ram.i32[at + ANCHOR_SITE / 4] = site;
  for (let i = 0; i < ops.length; i++) ram.i32[at + ANCHOR_OPS / 4 + i] = ops[i]!;
}
