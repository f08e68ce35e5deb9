// The x registers of a region in wasm locals: i64, or i32 where they are known to be sign-extended from there (widths.ts).
import { X_NAMES } from '../isa/registers.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import { isNarrow } from './widths.ts';

export class XRegisters {
  /** Those that are narrow at the instruction at hand. */
  narrow = 0;
  readonly #c: Body;
  readonly #wide = new Int32Array(32).fill(-1);
  readonly #narrow = new Int32Array(32).fill(-1);

  /** `used`: those the region names. */
  constructor(c: Body, used: number) {
    this.#c = c;
    for (let i = 1; i < 32; i++) if (used >>> i & 1) this.#wide[i] = c.local(w.i64, X_NAMES[i]);
  }

  isNarrow(i: number): boolean { return isNarrow(i, this.narrow); }

  push(i: number): void {
    const c = this.#c;
    if (i === 0) c.i64Const(0);
    else if (this.isNarrow(i)) { c.get(this.#narrow[i]!); c.op(w.i64_extend_i32_s); }
    else c.get(this.#wide[i]!);
  }

  pushWide(i: number): void { this.#c.get(this.#wide[i]!); }

  /** The lower half. */
  push32(i: number): void {
    const c = this.#c;
    if (i === 0) c.i32Const(0);
    else if (this.isNarrow(i)) c.get(this.#narrow[i]!);
    else { c.get(this.#wide[i]!); c.op(w.i32_wrap_i64); }
  }

  /** Pops an i64. */
  set(i: number): void {
    if (i === 0) { this.#c.op(w.drop); return; }
    if (this.#wide[i] === -1) this.#wide[i] = this.#c.local(w.i64, X_NAMES[i]);
    this.#c.set(this.#wide[i]!);
  }

  /** Pops an i32 that stands for its sign extension. */
  set32(i: number): void {
    if (i === 0) { this.#c.op(w.drop); return; }
    if (this.#narrow[i] === -1) this.#narrow[i] = this.#c.local(w.i32, `${X_NAMES[i]}.w`);
    this.#c.set(this.#narrow[i]!);
  }

  /** Gives the registers of a set, all narrow, their 64 bits. */
  widen(set: number): void {
    const c = this.#c;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const i = lowest(rest);
      c.get(this.#narrow[i]!); c.op(w.i64_extend_i32_s); c.set(this.#wide[i]!);
    }
  }

  /** Loads a set from the context. */
  reload(set: number, base: number): void {
    const c = this.#c;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const i = lowest(rest);
      c.loadAt(base + i * 8, this.#wide[i]!);
    }
  }

  /** Stores a set to the context. */
  spill(set: number, narrow: number, base: number): void {
    const c = this.#c;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const i = lowest(rest);
      if ((narrow >>> i & 1) === 0) { c.storeAt(base + i * 8, this.#wide[i]!); continue; }
      c.i32Const(0); c.get(this.#narrow[i]!); c.op(w.i64_extend_i32_s); c.mem(w.i64_store, 3, base + i * 8);
    }
  }
}

/** The lowest register of a set. */
export function lowest(set: number): number { return 31 - Math.clz32(set & -set); }
