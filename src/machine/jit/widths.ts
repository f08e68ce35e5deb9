// Which x registers hold a sign-extended 32-bit number at each place of a region. Such a register lives in an i32 local: the engine then sees rotations, drops
// extensions nobody reads, and compares 32 bits. Where it is read as 64 bits it is extended there; behind a call, and where control comes together and not all
// ways agree, it is 64 bits wide again.
import type { Graph } from './graph.ts';
import type { Insn } from './insn.ts';

export class Widths {
  /** By block: narrow registers at its beginning, behind its instructions, and where it goes on. */
  readonly into: Int32Array;
  readonly end: Int32Array;
  readonly out: Int32Array;

  constructor(g: Graph) {
    const n = g.order.length;
    // From above: all registers are narrow until some way says otherwise.
    this.into = new Int32Array(n).fill(-1);
    this.out = new Int32Array(n).fill(-1);
    this.end = new Int32Array(n);
    this.into[0] = 0;
    for (const b of g.order) {
      // A computed jump is one br_table: nothing can be converted on the way.
      if (b.end !== 'dispatch') continue;
      this.into[b.index] = 0;
      for (const t of b.targets) this.into[t.index] = 0;
    }
    const isDone = new Uint8Array(n);
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 0; i < n; i++) {
        const preds = g.preds[i]!;
        let into = this.into[i]!;
        for (let k = 0; k < preds.length; k++) into &= this.out[preds[k]!]!;
        if (isDone[i] === 1 && into === this.into[i]) continue;
        isDone[i] = 1;
        const b = g.order[i]!, end = through(b.insns, into);
        this.into[i] = into;
        this.end[i] = end;
        // Calls and system calls leave every register in the context, from where it comes back with all its bits.
        this.out[i] = b.end === 'call' || b.end === 'ecall' ? 0 : end;
        changed = true;
      }
    }
  }
}

/** Narrow registers behind instructions that are entered with `into`; notes what is narrow in front of each. */
function through(insns: readonly Insn[], into: number): number {
  let narrow = into;
  for (let i = 0; i < insns.length; i++) {
    const insn = insns[i]!, rd = insn.writesX;
    insn.narrow = narrow;
    if (rd !== 0) narrow = makesNarrow(insn) ? narrow | rd : narrow & ~rd;
  }
  return narrow;
}

/** The result of `insn` is sign-extended from 32 bits. */
export function makesNarrow(insn: Insn): boolean {
  switch (insn.facts.result) {
    case 'wide': return false;
    case 'narrow': return true;
    case 'copied': return insn.rs1 === 0 || insn.imm === 0 && isNarrow(insn.rs1, insn.narrow);
    case 'moved': return insn.rs1 === 0 && isNarrow(insn.rs2, insn.narrow) || insn.rs2 === 0 && isNarrow(insn.rs1, insn.narrow);
    case 'masked': return insn.imm >= 0 || isNarrow(insn.rs1, insn.narrow);
    case 'first': return isNarrow(insn.rs1, insn.narrow);
    case 'upper': return insn.imm > 32;
    case 'both': return isNarrow(insn.rs1, insn.narrow) && isNarrow(insn.rs2, insn.narrow);
  }
}

/** x0 is as narrow as it gets. */
export function isNarrow(register: number, narrow: number): boolean { return register === 0 || (narrow >>> register & 1) !== 0; }
