// Which x registers hold a sign-extended 32-bit number at each place of a region. Such a register lives in an i32 local: the engine then sees rotations, drops
// extensions nobody reads, and compares 32 bits. Where it is read as 64 bits it is extended there; behind a call, and where control comes together and not all
// ways agree, it is 64 bits wide again.
import type { Graph } from './graph.ts';
import { writeOf } from './liveness.ts';
import type { Insn } from './region.ts';

/** Instructions whose result is a sign-extended 32-bit number whatever they are given. */
const ALWAYS = new Set(['addiw', 'slliw', 'srliw', 'sraiw', 'addw', 'subw', 'sllw', 'srlw', 'sraw', 'mulw', 'lb', 'lh', 'lw', 'lbu', 'lhu', 'lui', 'slt', 'slti', 'sltu', 'sltiu']);

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
    g.order.forEach((b, i) => {
      // A computed jump is one br_table: nothing can be converted on the way.
      if (b.end !== 'dispatch') return;
      this.into[i] = 0;
      for (const t of b.targets) this.into[g.index.get(t)!] = 0;
    });
    for (let changed = true; changed;) {
      changed = false;
      g.order.forEach((b, i) => {
        let into = this.into[i]!;
        for (const p of g.preds[i]!) into &= this.out[p]!;
        const end = b.insns.reduce((narrow, insn) => after(insn, narrow), into);
        // Calls and system calls leave every register in the context, from where it comes back with all its bits.
        const out = b.end === 'call' || b.end === 'ecall' ? 0 : end;
        this.end[i] = end;
        if (into === this.into[i] && out === this.out[i]) return;
        this.into[i] = into;
        this.out[i] = out;
        changed = true;
      });
    }
  }
}

/** Narrow registers behind `insn`, entered with `narrow`. */
export function after(insn: Insn, narrow: number): number {
  const rd = writeOf(insn).x;
  return rd === 0 ? narrow : makesNarrow(insn, narrow) ? narrow | rd : narrow & ~rd;
}

/** The result of `insn` is sign-extended from 32 bits. */
export function makesNarrow(insn: Insn, narrow: number): boolean {
  const { name } = insn.insn!, one = isNarrow(insn.rs1, narrow);
  switch (name) {
    case 'and': case 'or': case 'xor': return one && isNarrow(insn.rs2, narrow);
    case 'ori': case 'xori': return one;
    case 'andi': return one || insn.imm >= 0;
    case 'addi': return insn.rs1 === 0 || insn.imm === 0 && one;
    default: return ALWAYS.has(name);
  }
}

/** x0 is as narrow as it gets. */
export function isNarrow(register: number, narrow: number): boolean { return register === 0 || (narrow >>> register & 1) !== 0; }
