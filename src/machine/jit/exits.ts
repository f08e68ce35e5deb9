// The ways out of a region: what each stores to the context, by number. Places with the same dirty registers share one; one that stores all of another's and more
// stores the rest and goes on there.
import type { Body, Label } from './body.ts';
import type { RegionOps } from './region-ops.ts';
import type { Graph } from './graph.ts';
import type { Liveness } from './liveness.ts';
import type { Block } from './region.ts';
import type { Webs } from './webs.ts';
import type { Widths } from './widths.ts';

export class Exits {
  /** By exit: dirty registers, and those of them that are narrow. */
  readonly x: number[] = [];
  readonly f: number[] = [];
  readonly narrow: number[] = [];
  /** By block: the exit in front of its first instruction, and behind the last one. */
  readonly into: number[] = [];
  readonly behind: number[] = [];
  /** The one that stores nothing. */
  readonly clean: number;
  readonly #isNeeded: boolean[] = [];
  readonly #labels: Label[] = [];
  /** Exits, those that store less first: in this order their labels are opened. */
  readonly #order: number[] = [];

  /** An exit for every set of registers that may be dirty where the function leaves. */
  constructor(g: Graph, webs: Webs, { dirtyInX, dirtyInF }: Liveness, widths: Widths) {
    this.clean = this.#of(0, 0, 0);
    for (let i = 0; i < g.order.length; i++) {
      const b = g.order[i]!, { insns } = b;
      if (webs.followsSp(i)) this.#need(this.clean);
      let x = dirtyInX[i]!, f = dirtyInF[i]!;
      const into = this.#of(x, f, widths.into[i]!);
      if (g.pagesToCheck(i).length > 0) this.#need(into);
      this.into.push(into);
      for (let k = 0; k < insns.length; k++) {
        const insn = insns[k]!;
        if (insn.mayLeave) this.#need(insn.exit = this.#of(x, f, insn.narrow));
        x |= insn.writesX;
        f |= insn.writesF;
      }
      const behind = this.#of(x, f, widths.end[i]!);
      if (leavesBehind(b)) this.#need(behind);
      this.behind.push(behind);
    }
  }

  /** Number of the exit for what is dirty, with what is narrow, at some place. */
  #of(x: number, f: number, narrow: number): number {
    const held = narrow & x;
    // Most places are like the one before.
    for (let e = this.x.length - 1; e >= 0; e--) if (this.x[e] === x && this.f[e] === f && this.narrow[e] === held) return e;
    this.f.push(f);
    this.narrow.push(held);
    this.#isNeeded.push(false);
    return this.x.push(x) - 1;
  }

  /** It is to have a label. */
  #need(exit: number): void { this.#isNeeded[exit] = true; }

  labelOf(exit: number): Label { return this.#labels[exit]!; }

  /** Opens a block for each that is needed. */
  open(c: Body, opcode: number): void {
    const sizes = this.x.map((x, e) => ones(x) + ones(this.f[e]!));
    for (let e = 0; e < sizes.length; e++) if (this.#isNeeded[e]!) this.#order.push(e);
    this.#order.sort((a, b) => sizes[a]! - sizes[b]!);
    for (const e of this.#order) this.#labels[e] = c.open(opcode);
  }

  /** Ends the blocks: stores, and goes to `out`. */
  close(c: Body, ops: RegionOps, out: Label): void {
    for (let i = this.#order.length - 1; i >= 0; i--) {
      const e = this.#order[i]!, rest = this.#part(e, i);
      c.end();
      if (rest < 0) ops.spill(this.x[e]!, this.f[e]!, this.narrow[e]!);
      else ops.spill(this.x[e]! & ~this.x[rest]!, this.f[e]! & ~this.f[rest]!, this.narrow[e]!);
      c.to(rest < 0 ? out : this.#labels[rest]!);
    }
  }

  /** The largest exit that is further out and stores a part of what `e`, the `i`th, stores; or -1. */
  #part(e: number, i: number): number {
    const x = this.x[e]!, f = this.f[e]!, narrow = this.narrow[e]!;
    for (let k = i - 1; k >= 0; k--) {
      const o = this.#order[k]!, ox = this.x[o]!;
      if ((ox & ~x) === 0 && (this.f[o]! & ~f) === 0 && this.narrow[o] === (narrow & ox)) return o;
    }
    return -1;
  }
}

/** Some way out of the region goes by the exit behind the block's instructions. */
function leavesBehind(b: Block): boolean {
  switch (b.end) {
    case 'fall': return b.next === null;
    case 'branch': return b.next === null || b.taken === null || !b.goesForward && !b.isCopy;
    case 'jump': return b.taken === null || !b.goesForward && !b.isCopy;
    case 'call': return b.next === null;
    case 'guess': return true;
    case 'stop': return true;
    default: return false;
  }
}

function ones(bits: number): number {
  let n = 0;
  for (let v = bits; v !== 0; v &= v - 1) n++;
  return n;
}
