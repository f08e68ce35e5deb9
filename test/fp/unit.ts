// An Fpu on a RAM of its own, driven with register contents. For tests.
import { CTX_F, CTX_FCSR, CTX_X } from '../../src/machine/machine.ts';
import { FP_OPS, Fpu } from '../../src/machine/fpu/fpu.ts';
import type { FpResult } from '../../src/machine/isa/reference-fp.ts';
import { writesX } from './vectors.ts';

const BASE = 4096;
const X = BASE + CTX_X >> 3, F = BASE + CTX_F >> 3;
export const FCSR = BASE + CTX_FCSR >> 2;

export class TestUnit {
  readonly #buffer = new ArrayBuffer(8192);
  readonly ram = {
    i32: new Int32Array(this.#buffer), u32: new Uint32Array(this.#buffer), f64: new Float64Array(this.#buffer), u8: new Uint8Array(this.#buffer),
  };
  readonly u64 = new BigUint64Array(this.#buffer);
  readonly x = this.u64.subarray(X, X + 32);
  readonly f = this.u64.subarray(F, F + 32);
  readonly fpu = new Fpu(this.ram, BASE);

  /** Runs an op with a, b, c in f1 to f3 (a also in x1) and fflags clear. */
  run(op: string, a: bigint, b: bigint, c: bigint, rm: number): FpResult {
    this.x[1] = a;
    this.f.set([a, b, c], 1);
    this.ram.u32[FCSR] = 0;
    if (this.fpu.execute(FP_OPS.indexOf(op), 4, 1, 2, 3, rm) !== 0) throw new Error(`${op}: rounding mode ${rm} refused`);
    return { result: (writesX(op) ? this.x : this.f)[4]!, flags: this.ram.u32[FCSR]! };
  }
}
