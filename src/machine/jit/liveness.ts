// Which guest registers each place of a region has to load and to store. A register in a local is dirty from its first write on; an exit stores the dirty ones
// and is therefore a use of them. Calls leave everything in memory. Sets of registers: bit i is register i; x and f apart.
import type { Graph } from './graph.ts';
import type { Block } from './region.ts';

/** Behind calls and system calls every register is in the context only. */
function leavesInMemory(b: Block): boolean { return b.end === 'call' || b.end === 'ecall'; }

export class Liveness {
  /** By block: registers that may be dirty where it begins, and where it ends. */
  readonly dirtyInX: Int32Array;
  readonly dirtyInF: Int32Array;
  readonly dirtyOutX: Int32Array;
  readonly dirtyOutF: Int32Array;
  /** Registers whose locals must hold their values where it begins. */
  readonly liveX: Int32Array;
  readonly liveF: Int32Array;
  /** All registers that have a local. */
  usedX = 0;
  usedF = 0;
  readonly #g: Graph;
  /** By block: what it writes. */
  readonly #writesX: Int32Array;
  readonly #writesF: Int32Array;

  constructor(g: Graph) {
    const n = g.order.length, sets = (): Int32Array => new Int32Array(n);
    this.#g = g;
    [this.dirtyInX, this.dirtyInF, this.dirtyOutX, this.dirtyOutF, this.liveX, this.liveF, this.#writesX, this.#writesF] = [sets(), sets(), sets(), sets(), sets(), sets(), sets(), sets()];
    for (let i = 0; i < n; i++) this.#findWrites(i);
    this.#flowDirty();
    const usesX = sets(), usesF = sets();
    for (let i = 0; i < n; i++) this.#findUses(i, usesX, usesF);
    this.#flowLive(usesX, usesF);
  }

  #findWrites(i: number): void {
    const { insns } = this.#g.order[i]!;
    let x = 0, f = 0;
    for (let k = 0; k < insns.length; k++) {
      const insn = insns[k]!;
      x |= insn.writesX;
      f |= insn.writesF;
      this.usedX |= insn.readsX;
      this.usedF |= insn.readsF;
    }
    this.#writesX[i] = x;
    this.#writesF[i] = f;
    this.usedX |= x;
    this.usedF |= f;
  }

  #flowDirty(): void {
    const { order, succs } = this.#g, { dirtyInX, dirtyInF } = this;
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 0; i < order.length; i++) {
        const x = this.dirtyOutX[i] = dirtyInX[i]! | this.#writesX[i]!, f = this.dirtyOutF[i] = dirtyInF[i]! | this.#writesF[i]!;
        if (leavesInMemory(order[i]!)) continue;
        const next = succs[i]!;
        for (let k = 0; k < next.length; k++) {
          const to = next[k]!;
          if ((x & ~dirtyInX[to]!) === 0 && (f & ~dirtyInF[to]!) === 0) continue;
          dirtyInX[to]! |= x;
          dirtyInF[to]! |= f;
          changed = true;
        }
      }
    }
  }

  /** Registers used before the block writes them; exits use what is dirty. */
  #findUses(i: number, usesX: Int32Array, usesF: Int32Array): void {
    const { insns } = this.#g.order[i]!;
    const dirtyX = this.dirtyInX[i]!, dirtyF = this.dirtyInF[i]!, mayLeaveAtOnce = this.#g.pagesToCheck(i).length > 0;
    let x = mayLeaveAtOnce ? dirtyX : 0, f = mayLeaveAtOnce ? dirtyF : 0, writtenX = 0, writtenF = 0;
    for (let k = 0; k < insns.length; k++) {
      const insn = insns[k]!;
      if (insn.mayLeave) { x |= dirtyX & ~writtenX; f |= dirtyF & ~writtenF; }
      x |= insn.readsX & ~writtenX;
      f |= insn.readsF & ~writtenF;
      writtenX |= insn.writesX;
      writtenF |= insn.writesF;
    }
    // Every end may store: fuel, a return, a call, a way out of the region.
    usesX[i] = x | dirtyX & ~writtenX;
    usesF[i] = f | dirtyF & ~writtenF;
  }

  #flowLive(usesX: Int32Array, usesF: Int32Array): void {
    const { order, succs } = this.#g, { liveX, liveF } = this;
    for (let changed = true; changed;) {
      changed = false;
      for (let i = order.length - 1; i >= 0; i--) {
        const next = succs[i]!, count = leavesInMemory(order[i]!) ? 0 : next.length;
        let x = 0, f = 0;
        for (let k = 0; k < count; k++) { x |= liveX[next[k]!]!; f |= liveF[next[k]!]!; }
        x = usesX[i]! | x & ~this.#writesX[i]!;
        f = usesF[i]! | f & ~this.#writesF[i]!;
        if (x === liveX[i] && f === liveF[i]) continue;
        liveX[i] = x;
        liveF[i] = f;
        changed = true;
      }
    }
  }
}
