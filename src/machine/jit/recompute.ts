// What the copy of a loop (runs.ts) need not keep for those who come after it. Most of what a round computes is overwritten by the next one, but must be in its
// register where the copy is left. The engine would hold all of it for that, and has few registers; so it is computed again on the way out, from what the loop
// holds for its own sake.
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import type { Graph } from './graph.ts';
import type { Insn } from './insn.ts';
import { isNarrow, makesNarrow } from './widths.ts';
import { lowest, type XRegisters } from './x-registers.ts';

/**
 * One instruction to be done again, in registers beside the region's: those have what its operands were (`kept`), or what an earlier step has left there (`made`).
 * The region's registers `into` are to have the result.
 */
export interface Step { readonly insn: Insn; readonly operands: readonly Operand[]; readonly into: readonly number[] }
interface Operand { readonly to: number; readonly from: number; readonly where: 'kept' | 'made' }

/** Instructions that are looked at, before the place where a copy is left. */
const REACH = 128;
/** Values: those that registers have where that begins have the register's number, 0 is x0's; others 32 and more. */
const FIRST = 32;

export class Recomputations {
  readonly #g: Graph;
  /** By block of a copy: x registers that the loop still reads. */
  readonly #needed: Int32Array;

  constructor(g: Graph) {
    this.#g = g;
    this.#needed = new Int32Array(g.order.length);
    if (g.order.some(b => b.isCopy)) this.#findNeeded();
  }

  /** Backward: ways out of the copies need nothing. */
  #findNeeded(): void {
    const { order } = this.#g, needed = this.#needed;
    for (let changed = true; changed;) {
      changed = false;
      for (let i = order.length - 1; i >= 0; i--) {
        if (!order[i]!.isCopy) continue;
        let x = this.#neededBehind(i);
        const { insns } = order[i]!;
        for (let k = insns.length - 1; k >= 0; k--) x = x & ~insns[k]!.writesX | insns[k]!.readsX;
        if (x === needed[i]) continue;
        needed[i] = x;
        changed = true;
      }
    }
  }

  #neededBehind(i: number): number {
    const { order, succs } = this.#g, { restart } = order[i]!;
    let x = restart === null ? 0 : this.#needed[restart.taken!.index]!;
    for (const s of succs[i]!) if (order[s]!.isCopy) x |= this.#needed[s]!;
    return x;
  }

  /** What is to be done on the way from block `i` of a copy to elsewhere. */
  leaving(i: number): readonly Step[] { return new Values(this.#before(i)).steps(this.#neededBehind(i)); }

  /** Instructions that have been done for sure, one behind the other, once block `i` is. */
  #before(i: number): readonly Insn[] {
    const { order, preds } = this.#g;
    let insns: readonly Insn[] = order[i]!.insns;
    for (let at = i; preds[at]!.length === 1;) {
      at = preds[at]![0]!;
      const more = order[at]!;
      if (!more.isCopy || insns.length + more.insns.length > REACH) break;
      insns = [...more.insns, ...insns];
    }
    return insns;
  }
}

/** What registers hold behind some instructions, by value. A move makes no new one. */
class Values {
  readonly #insns: readonly Insn[];
  /** By register, at the end. */
  readonly #held = Int32Array.from({ length: 32 }, (_, i) => i);
  /** By instruction: values of its operands. */
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  /** Registers that have been written. */
  #written = 0;
  /** By value: a register that has it all the while. */
  readonly #where = new Map([[0, 0]]);
  /** By value: whether it can be made from those. */
  readonly #canMake = new Map<number, boolean>();

  constructor(insns: readonly Insn[]) {
    this.#insns = insns;
    this.#a = new Int32Array(insns.length);
    this.#b = new Int32Array(insns.length);
    for (let k = 0; k < insns.length; k++) {
      const insn = insns[k]!, { rs1X, rs2X, result } = insn.facts, a = this.#a[k] = this.#held[insn.rs1 & rs1X]!, b = this.#b[k] = this.#held[insn.rs2 & rs2X]!;
      if (insn.writesX === 0) continue;
      this.#written |= insn.writesX;
      const isMove = insn.imm === 0 && (result === 'copied' || insn.insn!.name === 'addiw' && isNarrow(insn.rs1, insn.narrow)) || result === 'moved' && (a === 0 || b === 0);
      this.#held[insn.rd] = isMove ? a + b : FIRST + k;
    }
  }

  /** `needed`: registers that keep what they have anyway. */
  steps(needed: number): readonly Step[] {
    for (let r = needed; r !== 0; r &= r - 1) this.#keep(lowest(r));
    const wanted = this.#written & ~needed;
    // What cannot be had otherwise is kept, and serves the others.
    for (let more = true; more;) {
      more = false;
      this.#canMake.clear();
      for (let r = wanted; r !== 0; r &= r - 1) {
        if (this.#isWithinReach(this.#held[lowest(r)]!)) continue;
        this.#keep(lowest(r));
        more = true;
      }
    }
    const into = new Map<number, number[]>(), slice = new Set<number>();
    for (let r = wanted; r !== 0; r &= r - 1) {
      const value = this.#held[lowest(r)]!;
      if (this.#where.has(value)) continue;
      const registers = into.get(value);
      if (registers === undefined) into.set(value, [lowest(r)]);
      else registers.push(lowest(r));
      this.#addMakers(value, slice);
    }
    return this.#inOrder([...slice].toSorted((x, y) => x - y), into);
  }

  #keep(register: number): void { this.#where.set(this.#held[register]!, register); }

  #isWithinReach(value: number): boolean {
    if (this.#where.has(value)) return true;
    if (value < FIRST) return false;
    let can = this.#canMake.get(value);
    if (can === undefined) {
      const k = value - FIRST, insn = this.#insns[k]!;
      can = insn.facts.isPure && insn.readsF === 0 && this.#isWithinReach(this.#a[k]!) && this.#isWithinReach(this.#b[k]!);
      this.#canMake.set(value, can);
    }
    return can;
  }

  #addMakers(value: number, slice: Set<number>): void {
    if (this.#where.has(value) || slice.has(value - FIRST)) return;
    slice.add(value - FIRST);
    this.#addMakers(this.#a[value - FIRST]!, slice);
    this.#addMakers(this.#b[value - FIRST]!, slice);
  }

  #inOrder(slice: readonly number[], into: ReadonlyMap<number, readonly number[]>): readonly Step[] {
    const now = new Int32Array(32).fill(-1), steps: Step[] = [];
    for (const k of slice) {
      const insn = this.#insns[k]!, { rs1X, rs2X } = insn.facts, operands: Operand[] = [];
      for (const [register, value] of [[insn.rs1 & rs1X, this.#a[k]!], [insn.rs2 & rs2X, this.#b[k]!]] as const) {
        if (register === 0 || now[register] === value) continue;
        const kept = this.#where.get(value), made = now.indexOf(value);
        // It has been moved on, and overwritten where it was made: too seldom to care.
        if (kept === undefined && made < 0) return [];
        operands.push(kept === undefined ? { to: register, from: made, where: 'made' } : { to: register, from: kept, where: 'kept' });
        now[register] = value;
      }
      steps.push({ insn, operands, into: into.get(FIRST + k) ?? [] });
      now[insn.rd] = FIRST + k;
    }
    return steps;
  }
}

/** The region's registers, those of `narrow` narrow; the ones beside them; an address where there is a 0. */
interface Registers { readonly own: XRegisters; readonly narrow: number; readonly beside: XRegisters; readonly zero: number }

/**
 * Writes the steps; `write` an instruction on the registers beside. Operands are mixed with a 0 of which the engine does not know: or else it would find the same
 * results in the loop, and keep them.
 */
export function doAgain(c: Body, steps: readonly Step[], { own, narrow, beside, zero }: Registers, write: (insn: Insn) => void): void {
  let made = 0;
  for (const { insn, operands, into } of steps) {
    for (const { to, from, where } of operands) {
      const source = where === 'kept' ? own : beside;
      own.narrow = narrow;
      beside.narrow = made;
      if (isNarrow(to, insn.narrow)) { source.push32(from); c.i32Const(0); c.mem(w.i32_load, 2, zero); c.op(w.i32_xor); beside.set32(to); }
      else { source.push(from); c.i32Const(0); c.mem(w.i64_load, 3, zero); c.op(w.i64_xor); beside.set(to); }
      made = made & ~(1 << to) | insn.narrow & 1 << to;
    }
    write(insn);
    made = makesNarrow(insn) ? made | insn.writesX : made & ~insn.writesX;
    beside.narrow = made;
    for (const r of into) {
      if (isNarrow(r, narrow)) { beside.push32(insn.rd); own.set32(r); } else { beside.push(insn.rd); own.set(r); }
    }
  }
}
