// The f registers of a translated region: locals of 128 bits, because multiply-add exists on vectors only. Lane 0 of 64 bits is the register; what is above it means
// nothing. Going between vector and scalar costs no instruction one way and one the other.
import { CTX_F } from '../machine.ts';
import type { Local } from '../isa/wasm-ops.ts';
import * as w from '../wasm/opcodes.ts';
import { F_NAMES } from '../isa/registers.ts';
import type { Body } from './body.ts';
import { lowest } from './x-registers.ts';

export class FloatRegisters {
  readonly #code: Body;
  readonly #locals = new Int32Array(32).fill(-1);

  /** `used`: bit i is register i. */
  constructor(code: Body, used: number) {
    this.#code = code;
    for (let i = 0; i < 32; i++) if (used >>> i & 1) this.#locals[i] = code.local(w.v128, F_NAMES[i]!);
  }

  local(i: number): Local { return this.#locals[i]!; }

  /** Loads from, or stores to, the context at `base`. */
  reload(set: number, base: number): void {
    const c = this.#code;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const i = lowest(rest);
      c.i32Const(0); c.simdMem(w.v128_load64_zero, 3, base + CTX_F + i * 8); c.set(this.#locals[i]!);
    }
  }
  spill(set: number, base: number): void {
    const c = this.#code;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const i = lowest(rest);
      c.i32Const(0); c.get(this.#locals[i]!); c.simdMem(w.v128_store64_lane, 3, base + CTX_F + i * 8);
    }
  }

  /** Pushes the bits, i64; the value as a double; lane 0 as a single. */
  pushBits(i: number): void { this.#code.get(this.#locals[i]!); this.#code.bitsOfLane(); }
  pushDouble(i: number): void { this.#code.get(this.#locals[i]!); this.#code.lane(w.f64x2_extract_lane); }
  pushSingle(i: number): void { this.#code.get(this.#locals[i]!); this.#code.lane(w.f32x4_extract_lane); }

  /** Pops bits, i64; a vector. */
  setBits(i: number): void { this.#code.splatBits(); this.#code.set(this.#locals[i]!); }
  set(i: number): void { this.#code.set(this.#locals[i]!); }
}
