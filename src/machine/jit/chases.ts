// Loads whose address comes out of memory a moment before: lists, trees, tables of tables. There the look-up of the page would be a part of the chain that the loop waits
// for; instead the entry is guessed to be the last one, which is compared with the true one beside the load, not in front of it.
import { X_NAMES } from '../isa/registers.ts';
import type { Local } from '../isa/wasm-ops.ts';
import type { Guess } from '../mmu/tlb-code.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import type { Graph } from './graph.ts';
import type { Insn } from './insn.ts';
import { SP_BIT } from './webs.ts';

/** sp, gp and tp: what is loaded off them has an address that is long known. */
const NEAR = SP_BIT | 1 << 3 | 1 << 4;

/** Marks them, in loops: what an inner loop gets from outside it has been waited for. */
export function findChases(g: Graph): void {
  const loops = innermostLoops(g);
  if (loops === null) return;
  const n = g.order.length, behind = new Int32Array(n);
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < n; i++) {
      if (loops[i]! < 0) continue;
      let loaded = 0;
      for (const p of g.preds[i]!) if (loops[p] === loops[i]) loaded |= behind[p]!;
      const { insns, end } = g.order[i]!;
      for (let k = 0; k < insns.length; k++) loaded = follow(insns[k]!, loaded);
      if (end === 'call' || end === 'ecall') loaded = 0;
      if (loaded === behind[i]) continue;
      behind[i] = loaded;
      changed = true;
    }
  }
}

function follow(insn: Insn, loaded: number): number {
  const { readsX, writesX, facts } = insn, isLoad = facts.memory === 'load', base = 1 << insn.rs1;
  if (isLoad) insn.isChased = (loaded & base) !== 0;
  if (writesX === 0) return loaded;
  return (isLoad ? (base & NEAR) === 0 : (readsX & loaded) !== 0) ? loaded | writesX : loaded & ~writesX;
}

/** By block: the header of the innermost loop that it is in, or -1. Null: there is none that has one entry. */
function innermostLoops(g: Graph): Int32Array | null {
  if (!g.isReducible || !g.isHeader.includes(1)) return null;
  const n = g.order.length, loops = new Int32Array(n).fill(-1);
  // Inner headers have larger numbers.
  for (let h = 0; h < n; h++) if (g.isHeader[h] === 1) for (const i of g.loopOf(h)) loops[i] = h;
  return loops;
}

/** The guesses of a function: each base register has its own. */
export class Guesses {
  readonly #c: Body;
  readonly #entries = new Int32Array(32).fill(-1);
  #found: Local = -1;
  constructor(code: Body) { this.#c = code; }

  /** For the access of `insn`, if it is worth one. */
  of({ isChased, rs1 }: Insn): Guess | undefined {
    if (!isChased) return undefined;
    if (this.#entries[rs1] === -1) this.#entries[rs1] = this.#c.local(w.i64, `entry.${X_NAMES[rs1]}`);
    if (this.#found === -1) this.#found = this.#c.local(w.i64, 'found');
    return { entry: this.#entries[rs1]!, found: this.#found };
  }
}
