// Which guest registers each place of a region has to load and to store. A register in a local is dirty from its first write on; an exit stores the dirty ones
// and is therefore a use of them. Calls leave everything in memory.
import type { Instruction } from '../isa/table.ts';
import { INSTRUCTIONS } from '../isa/table.ts';
import { traitsOf } from '../isa/traits.ts';
import type { Graph } from './graph.ts';
import type { Group } from './groups.ts';
import { type Block, type Insn, successors } from './region.ts';

/** Sets of registers: bit i of `x` and `f`. */
export interface Registers { readonly x: number; readonly f: number }

/** Which operand fields name which file, read off the assembly syntax. */
interface Operands { readonly rd: File; readonly rs1: File; readonly rs2: File; readonly rs3: File }
type File = 'x' | 'f' | null;

const operands: readonly Operands[] = INSTRUCTIONS.map(({ asm }) => {
  const file = (field: string): File => new RegExp(`\\br${field}\\b`).test(asm) ? 'x' : new RegExp(`\\bf${field}\\b`).test(asm) ? 'f' : null;
  return { rd: file('d'), rs1: file('s1'), rs2: file('s2'), rs3: file('s3') };
});

export function operandsOf(insn: Instruction): Operands { return operands[insn.index]!; }

/** An instruction that may hand over to the hart: not what another one's check covers. */
export function mayLeave(insn: Insn, groups: ReadonlyMap<Insn, Group>): boolean {
  const t = traitsOf(insn.insn!), group = groups.get(insn);
  return (t.memory !== 'none' || t.isFloat || t.system !== null) && (group === undefined || group.first === insn);
}

/** Behind calls and system calls every register is in the context only. */
function leavesInMemory(b: Block): boolean { return b.end === 'call' || b.end === 'ecall'; }

export class Liveness {
  /** Registers that may be dirty where a block begins and where it ends. */
  readonly dirtyIn: Registers[];
  readonly dirtyOut: Registers[];
  /** Registers whose locals must hold their values where a block begins. */
  readonly liveIn: Registers[];
  /** All registers that have a local. */
  readonly used: Registers;

  constructor(g: Graph, groups: ReadonlyMap<Insn, Group>) {
    const n = g.order.length;
    this.dirtyIn = Array.from({ length: n }, () => NONE);
    this.dirtyOut = Array.from({ length: n }, () => NONE);
    this.liveIn = Array.from({ length: n }, () => NONE);
    const writes = g.order.map(b => b.insns.reduce((s, i) => union(s, writeOf(i)), NONE));
    this.#flowDirty(g, writes);
    let used: Registers = NONE;
    const uses = g.order.map((b, i) => this.#upwardUses(b, this.dirtyIn[i]!, groups));
    this.#flowLive(g, writes, uses);
    for (const b of g.order) for (const i of b.insns) used = union(used, union(readOf(i), writeOf(i)));
    this.used = used;
  }

  #flowDirty(g: Graph, writes: readonly Registers[]): void {
    for (let changed = true; changed;) {
      changed = false;
      g.order.forEach((b, i) => {
        const out = union(this.dirtyIn[i]!, writes[i]!);
        this.dirtyOut[i] = out;
        if (leavesInMemory(b)) return;
        for (const s of successors(b)) {
          const to = g.index.get(s)!, merged = union(this.dirtyIn[to]!, out);
          if (same(merged, this.dirtyIn[to]!)) continue;
          this.dirtyIn[to] = merged;
          changed = true;
        }
      });
    }
  }

  /** Registers used before the block writes them; exits use what is dirty. */
  #upwardUses(b: Block, dirtyIn: Registers, groups: ReadonlyMap<Insn, Group>): Registers {
    let x = 0, f = 0, dx = dirtyIn.x, df = dirtyIn.f, wx = 0, wf = 0;
    for (const i of b.insns) {
      const r = readOf(i), w = writeOf(i);
      x |= r.x & ~wx;
      f |= r.f & ~wf;
      if (mayLeave(i, groups)) { x |= dx & ~wx; f |= df & ~wf; }
      wx |= w.x; wf |= w.f;
      dx |= w.x; df |= w.f;
    }
    // Every end may store: fuel, a return, a call, a way out of the region.
    return { x: x | dx & ~wx, f: f | df & ~wf };
  }

  #flowLive(g: Graph, writes: readonly Registers[], uses: readonly Registers[]): void {
    for (let changed = true; changed;) {
      changed = false;
      for (let i = g.order.length - 1; i >= 0; i--) {
        const b = g.order[i]!;
        let out: Registers = NONE;
        if (!leavesInMemory(b)) for (const s of successors(b)) out = union(out, this.liveIn[g.index.get(s)!]!);
        const w = writes[i]!, u = uses[i]!;
        const live = { x: u.x | out.x & ~w.x, f: u.f | out.f & ~w.f };
        if (same(live, this.liveIn[i]!)) continue;
        this.liveIn[i] = live;
        changed = true;
      }
    }
  }
}

export const NONE: Registers = { x: 0, f: 0 };
export function union(a: Registers, b: Registers): Registers { return { x: a.x | b.x, f: a.f | b.f }; }
/** How many registers of `a` are not in `b`. */
export function without(a: Registers, b: Registers): number { return ones(a.x & ~b.x) + ones(a.f & ~b.f); }
export function same(a: Registers, b: Registers): boolean { return a.x === b.x && a.f === b.f; }

function ones(bits: number): number {
  let n = 0;
  for (let v = bits; v !== 0; v &= v - 1) n++;
  return n;
}

export function writeOf(i: Insn): Registers {
  const { rd } = operandsOf(i.insn!);
  return rd === 'x' ? { x: 1 << i.rd & ~1, f: 0 } : rd === 'f' ? { x: 0, f: 1 << i.rd } : NONE;
}

function readOf(i: Insn): Registers {
  const o = operandsOf(i.insn!);
  const bits = (file: 'x' | 'f'): number =>
    (o.rs1 === file ? 1 << i.rs1 : 0) | (o.rs2 === file ? 1 << i.rs2 : 0) | (o.rs3 === file ? 1 << i.rs3 : 0);
  return { x: bits('x') & ~1, f: bits('f') };
}
