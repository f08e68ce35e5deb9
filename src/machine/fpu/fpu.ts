// The exact floating-point path: every F and D operation on a hart's registers in RAM, in any rounding mode, with its flags (unprivileged spec, "F", "D").
// The interpreter comes here when its native arithmetic cannot prove result and flags. Nothing allocates; NaN payloads never pass through a JS number.
import { CTX_F, CTX_FCSR, CTX_X } from '../machine.ts';
import { fromInteger, toInteger } from './convert.ts';
import { add, divide, multiply, multiplyAdd, squareRoot } from './exact.ts';
import {
  FADD, FCLASS, FCVT_FORMAT, FCVT_FROM_LU, FCVT_FROM_W, FCVT_LU, FCVT_W, FDIV, FEQ, FIRST_WITHOUT_RM, FLT, FMADD, FMAX, FMIN, FMSUB, FMUL, FMV_FROM_X, FMV_X,
  FNMADD, FNMSUB, FORMAT_STRIDE, FSGNJ, FSGNJN, FSGNJX, FSQRT, FSUB,
} from './ops.ts';
import { Accumulator, NV, RMM, roundToDouble, roundToSingle } from './rounding.ts';

export { FP_OPS } from './ops.ts';

/** What the unit sees of RAM (a `Ram` fits). */
export interface FpuMemory { readonly i32: Int32Array; readonly u32: Uint32Array; readonly f64: Float64Array; readonly u8: Uint8Array }

const SIGN = 0x80000000 | 0;
const DYN = 7;
/** The value is also the index of the word that holds the sign. */
const SINGLE = 0, DOUBLE = 1;
type Format = typeof SINGLE | typeof DOUBLE;

/** The floating-point unit of the hart whose context is at `base`. */
export class Fpu {
  readonly #i32: Int32Array;
  readonly #x: number;                        // word index of x0
  readonly #f: number;                        // word index of f0
  readonly #fcsr: number;                     // word index of fcsr
  readonly #acc = new Accumulator();
  /** The operands: their bits, and their values as doubles. A single that is not NaN-boxed reads as the canonical NaN. */
  readonly #bits = new Int32Array(6);
  readonly #value = new Float64Array(3);

  constructor(ram: FpuMemory, base: number) {
    this.#i32 = ram.i32;
    this.#x = base + CTX_X >> 2;
    this.#f = base + CTX_F >> 2;
    this.#fcsr = base + CTX_FCSR >> 2;
  }

  /** Executes FP_OPS[op]. `rm`: the instruction's rounding-mode field where it has one. 1: that mode is reserved, nothing happened; else 0. */
  execute(op: number, rd: number, rs1: number, rs2: number, rs3: number, rm: number): number {
    const acc = this.#acc, i32 = this.#i32;
    const format = op >= FORMAT_STRIDE ? DOUBLE : SINGLE, kind = op >= FORMAT_STRIDE ? op - FORMAT_STRIDE : op;
    if (kind < FIRST_WITHOUT_RM) {
      acc.mode = rm === DYN ? i32[this.#fcsr]! >>> 5 & 7 : rm;
      if (acc.mode > RMM) return 1;
    }

    acc.flags = 0;
    if (kind <= FNMADD) {
      this.#arithmetic(kind, format, rs1, rs2, rs3);
    } else if (kind <= FCVT_LU) {
      this.#load(0, format, rs1);
      toInteger(acc, this.#value[0]!, kind - FCVT_W);
    } else if (kind <= FCVT_FROM_LU) {
      fromInteger(acc, i32[this.#x + 2 * rs1 + 1]!, i32[this.#x + 2 * rs1]!, kind - FCVT_FROM_W);
      this.#round(format);
    } else if (kind === FCVT_FORMAT) {
      const source = format === SINGLE ? DOUBLE : SINGLE;
      this.#load(0, source, rs1);
      if (this.#isSignaling(0, source)) acc.flags = NV;
      acc.set(this.#value[0]!, 0, 0);
      this.#round(format);
    } else {
      this.#bitwise(kind, format, rs1, rs2);
    }

    const toX = kind >= FEQ ? kind !== FMV_FROM_X : kind >= FCVT_W && kind <= FCVT_LU;
    if (!toX || rd !== 0) {
      const at = (toX ? this.#x : this.#f) + 2 * rd;
      i32[at] = acc.lo;
      i32[at + 1] = acc.hi;
    }
    if (acc.flags !== 0) i32[this.#fcsr] = i32[this.#fcsr]! | acc.flags;
    return 0;
  }

  #arithmetic(kind: number, format: Format, rs1: number, rs2: number, rs3: number): void {
    const acc = this.#acc, value = this.#value;
    this.#load(0, format, rs1);
    this.#load(1, format, kind === FSQRT ? rs1 : rs2);
    const a = value[0]!, b = value[1]!;
    if (kind >= FMADD) {
      this.#load(2, format, rs3);
      this.#fused(kind, format, a, b, value[2]!);
    } else if (a !== a || b !== b) {
      if (this.#isSignaling(0, format) || this.#isSignaling(1, format)) acc.flags = NV;
      acc.set(NaN, 0, 0);
    } else {
      switch (kind) {
        case FADD: add(acc, a, b); break;
        case FSUB: add(acc, a, -b); break;
        case FMUL: multiply(acc, a, b); break;
        case FDIV: divide(acc, a, b); break;
        default: squareRoot(acc, a);
      }
    }
    this.#round(format);
  }

  /** fmadd a*b+c, fmsub a*b-c, fnmsub -a*b+c, fnmadd -a*b-c. 0 * infinity is invalid even when c is a quiet NaN ("F", fused multiply-add). */
  #fused(kind: number, format: Format, a: number, b: number, c: number): void {
    const acc = this.#acc;
    if (a !== a || b !== b || c !== c) {
      const signaling = this.#isSignaling(0, format) || this.#isSignaling(1, format) || this.#isSignaling(2, format);
      const zeroTimesInfinity = a === 0 && Math.abs(b) === Infinity || b === 0 && Math.abs(a) === Infinity;
      if (signaling || zeroTimesInfinity) acc.flags = NV;
      acc.set(NaN, 0, 0);
      return;
    }
    const negateProduct = kind === FNMSUB || kind === FNMADD, negateAddend = kind === FMSUB || kind === FNMADD;
    multiplyAdd(acc, negateProduct ? -a : a, b, negateAddend ? -c : c);
  }

  /** Sign injection, min and max, comparisons, classification, moves: results that are never rounded. */
  #bitwise(kind: number, format: Format, rs1: number, rs2: number): void {
    const acc = this.#acc, i32 = this.#i32, bits = this.#bits;
    if (kind === FMV_X || kind === FMV_FROM_X) {
      const at = kind === FMV_X ? this.#f + 2 * rs1 : this.#x + 2 * rs1;
      acc.lo = i32[at]!;
      acc.hi = format === DOUBLE ? i32[at + 1]! : kind === FMV_X ? acc.lo >> 31 : -1;
      return;
    }

    this.#load(0, format, rs1);
    if (kind === FCLASS) {
      acc.hi = 0;
      acc.lo = this.#classify(format);
      return;
    }
    this.#load(1, format, rs2);
    if (kind <= FSGNJX) {
      const a = bits[format]!, b = bits[2 + format]!;
      const sign = kind === FSGNJ ? b : kind === FSGNJN ? ~b : a ^ b;
      acc.lo = bits[0]!;
      acc.hi = bits[1]!;
      if (format === SINGLE) acc.lo = a & ~SIGN | sign & SIGN;
      else acc.hi = a & ~SIGN | sign & SIGN;
    } else if (kind <= FMAX) {
      this.#minMax(kind, format);
    } else {
      const a = this.#value[0]!, b = this.#value[1]!;
      const quiet = kind === FEQ;
      if (quiet ? this.#isSignaling(0, format) || this.#isSignaling(1, format) : a !== a || b !== b) acc.flags = NV;
      acc.hi = 0;
      acc.lo = (quiet ? a === b : kind === FLT ? a < b : a <= b) ? 1 : 0;
    }
  }

  /** minimumNumber and maximumNumber (IEEE 754-2019, 9.6): -0 < +0, a number beats a NaN. */
  #minMax(kind: number, format: Format): void {
    const acc = this.#acc, bits = this.#bits, a = this.#value[0]!, b = this.#value[1]!;
    if (this.#isSignaling(0, format) || this.#isSignaling(1, format)) acc.flags = NV;
    if (a !== a && b !== b) {
      acc.set(NaN, 0, 0);
      this.#round(format);
      return;
    }
    const less = a < b || a === b && bits[format]! < bits[2 + format]!;
    const first = b !== b || a === a && less === (kind === FMIN);
    acc.lo = bits[first ? 0 : 2]!;
    acc.hi = bits[first ? 1 : 3]!;
  }

  /** The bit mask of fclass. */
  #classify(format: Format): number {
    const x = this.#value[0]!, negative = this.#bits[format]! < 0;
    if (x !== x) return this.#isSignaling(0, format) ? 1 << 8 : 1 << 9;
    const size = Math.abs(x), smallest = format === SINGLE ? 2 ** -126 : 2 ** -1022;
    const rank = size === Infinity ? 0 : size >= smallest ? 1 : size > 0 ? 2 : 3;
    return 1 << (negative ? rank : 7 - rank);
  }

  #round(format: Format): void {
    if (format === SINGLE) roundToSingle(this.#acc);
    else roundToDouble(this.#acc);
  }

  #load(slot: number, format: Format, register: number): void {
    const bits = this.#bits, acc = this.#acc, at = this.#f + 2 * register;
    let lo = this.#i32[at]!;
    const hi = this.#i32[at + 1]!;
    if (format === SINGLE) {
      if (hi !== -1) lo = 0x7fc00000;
      acc.word[0] = lo;
      this.#value[slot] = acc.f32[0]!;
      bits[2 * slot + 1] = -1;
    } else {
      acc.words[0] = lo;
      acc.words[1] = hi;
      this.#value[slot] = acc.f64[0]!;
      bits[2 * slot + 1] = hi;
    }
    bits[2 * slot] = lo;
  }

  #isSignaling(slot: number, format: Format): boolean {
    const x = this.#value[slot]!;
    return x !== x && (this.#bits[2 * slot + format]! & (format === SINGLE ? 0x00400000 : 0x00080000)) === 0;
  }
}
