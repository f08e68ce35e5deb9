// Computed jumps to targets that were recorded (sites.ts): a table of labels where they lie densely, a binary search where not.
import type { Local } from '../isa/wasm-ops.ts';
import * as w from '../wasm/opcodes.ts';
import { ANCHOR_SITE } from './anchors.ts';
import type { Body, Label } from './body.ts';
import { PAGE } from './region-ops.ts';
import type { Block } from './region.ts';
import { SITE_COUNT, SITE_SLOTS, SITE_TARGETS } from './sites.ts';

/** A table may have so many entries for each target. */
const DENSE = 24;

/** Goes to the label of the target at `pc`, or to `other`. */
export function jumpToTarget(c: Body, pc: Local, targets: readonly Block[], label: (t: Block) => Label, other: Label): void {
  const lo = Math.min(...targets.map(t => t.at)), hi = Math.max(...targets.map(t => t.at)), rel = c.local(w.i64);
  c.get(pc); c.get(PAGE); c.op(w.i64_sub); c.i64Const(lo); c.op(w.i64_sub); c.tee(rel);
  c.i64Const(hi - lo); c.op(w.i64_gt_u); c.toIf(other);
  if (hi - lo > DENSE * 2 * targets.length) {
    search(c, targets.toSorted((x, y) => x.at - y.at), t => { c.get(rel); c.op(w.i32_wrap_i64); c.i32Const(t.at - lo); }, label);
    c.to(other);
    return;
  }
  const labels: Label[] = Array.from({ length: (hi - lo) / 2 + 1 }, () => other);
  for (const t of targets) labels[(t.at - lo) / 2] = label(t);
  c.get(rel); c.op(w.i32_wrap_i64); c.i32Const(1); c.op(w.i32_shr_u);
  c.toOneOf([...labels, other]);
}

/** `compared` pushes what is compared with a target, and it. */
function search(c: Body, targets: readonly Block[], compared: (t: Block) => void, label: (t: Block) => Label): void {
  const middle = targets.length >> 1;
  if (targets.length === 1) { compared(targets[0]!); c.op(w.i32_eq); c.toIf(label(targets[0]!)); return; }
  compared(targets[middle]!); c.op(w.i32_lt_u);
  c.open(w.if_);
  search(c, targets.slice(0, middle), compared, label);
  c.op(w.else_);
  search(c, targets.slice(middle), compared, label);
  c.end();
}

/** Counts a computed jump to `pc` at the site of the region with this anchor, and keeps the target. */
export function recordTarget(c: Body, pc: Local, site: Local, anchor: number): void {
  c.i32Const(0); c.mem(w.i32_load, 2, anchor + ANCHOR_SITE); c.tee(site);
  c.get(site); c.mem(w.i32_load, 2, SITE_COUNT); c.i32Const(1); c.op(w.i32_add); c.mem(w.i32_store, 2, SITE_COUNT);
  c.get(pc); c.op(w.i32_wrap_i64); c.i32Const(2); c.op(w.i32_shl); c.i32Const((SITE_SLOTS - 1) * 8); c.op(w.i32_and); c.get(site); c.op(w.i32_add);
  c.get(pc); c.get(PAGE); c.op(w.i64_sub); c.i64Const(1); c.op(w.i64_or); c.mem(w.i64_store, 3, SITE_TARGETS);
}
