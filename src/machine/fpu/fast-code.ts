// What the emitters of native floating point share: the place they emit into, their locals, and the small idioms. See fast.ts.
import type { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';

/**
 * The rounding-mode field of an instruction as far as its emitter knows it: a value (0 to 4, 7 = dynamic); '0 or 7' when the decoder sends all others to the
 * slow path; 'any' to have it read at run time.
 */
export type RoundingField = 0 | 1 | 2 | 3 | 4 | 7 | '0 or 7' | 'any';

/** Where an instruction is emitted: its operands and its way out. Interpreter and translator implement it; `Ops` has most of it. */
export interface FloatSite {
  readonly code: Code;
  readonly rounding: RoundingField;
  /** Push register bits, i64. */
  rs1(): void;
  frs1Bits(): void;
  frs2Bits(): void;
  frs3Bits(): void;
  /** Pop an i64. Comes after the last `leaveIf`. */
  setRd(v: undefined): void;
  setFrd(bits: undefined): void;
  /** Push the rm field, i32. Asked for only when `rounding` is 'any'. */
  rmField(): void;
  /** Push fcsr, i32. */
  fcsr(): void;
  /** Pop an i32: if not 0, have `Fpu.execute` do the whole instruction. `nesting` labels of the emitter are open around. */
  leaveIf(nesting: number): void;
}

export type Format = 's' | 'd';

/** Locals that all floating-point instructions of one wasm function share; none lives longer than an instruction. */
export class FloatLocals {
  readonly a: number; readonly b: number; readonly c: number; readonly r: number;         // f64: operands and result
  readonly p: number; readonly s: number; readonly t: number; readonly u: number; readonly v: number; readonly q: number;
  readonly a32: number; readonly b32: number; readonly c32: number; readonly r32: number; // f32: the same of singles
  readonly x: number; readonly y: number; readonly z: number;                             // i64
  readonly status: number;                                                                // i32: effective rm << 5 | NX

  constructor(code: Code) {
    [this.a, this.b, this.c, this.r, this.p, this.s, this.t, this.u, this.v, this.q] =
      Array.from({ length: 10 }, () => code.local(w.f64)) as [number, number, number, number, number, number, number, number, number, number];
    [this.a32, this.b32, this.c32, this.r32] = Array.from({ length: 4 }, () => code.local(w.f32)) as [number, number, number, number];
    [this.x, this.y, this.z] = [code.local(w.i64), code.local(w.i64), code.local(w.i64)];
    this.status = code.local(w.i32);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

export function f64Const(c: Code, n: number): void {
  scratch.setFloat64(0, n, true);
  c.op(w.f64_const);
  for (let i = 0; i < 8; i++) c.u8(scratch.getUint8(i));
}

export function f32Const(c: Code, n: number): void {
  scratch.setFloat32(0, n, true);
  c.op(w.f32_const);
  for (let i = 0; i < 4; i++) c.u8(scratch.getUint8(i));
}

/** Condition: the double in `v` is finite. */
export function isFinite64(c: Code, v: number): void {
  c.get(v); c.op(w.f64_abs); f64Const(c, Infinity); c.op(w.f64_lt);
}

/** Condition: the double in `v` is finite and beyond the smallest normal number, so that it cannot have been tiny before rounding. */
export function isSafe64(c: Code, v: number): void {
  c.get(v); c.op(w.f64_abs); f64Const(c, 2 ** -1022); c.op(w.f64_gt);
  isFinite64(c, v);
  c.op(w.i32_and);
}

/** The same of the single in `v`. */
export function isSafe32(c: Code, v: number): void {
  c.get(v); c.op(w.f32_abs); f32Const(c, 2 ** -126); c.op(w.f32_gt);
  c.get(v); c.op(w.f32_abs); f32Const(c, Infinity); c.op(w.f32_lt);
  c.op(w.i32_and);
}

/** error = x + y - sum for sum = x + y (Knuth's TwoSum); x, y, sum, error and the scratch `h` are f64 locals, all different. */
export function sumError(c: Code, x: number, y: number, sum: number, error: number, h: number): void {
  c.get(sum); c.get(x); c.op(w.f64_sub); c.set(h);
  c.get(x); c.get(sum); c.get(h); c.op(w.f64_sub); c.op(w.f64_sub);
  c.get(y); c.get(h); c.op(w.f64_sub);
  c.op(w.f64_add); c.set(error);
}

/** Where the f64 local `rest` is not 0: sum becomes its neighbour with an odd significand, on the side of sum + rest. */
export function roundToOdd(c: Code, sum: number, rest: number): void {
  c.get(rest); f64Const(c, 0); c.op(w.f64_ne);
  c.open(w.if_);
  c.get(sum); c.op(w.i64_reinterpret_f64);
  c.get(sum); c.op(w.i64_reinterpret_f64); c.get(rest); c.op(w.i64_reinterpret_f64); c.op(w.i64_xor); c.i64Const(63); c.op(w.i64_shr_s);
  c.op(w.i64_add); c.i64Const(1); c.op(w.i64_or);
  c.op(w.f64_reinterpret_i64); c.set(sum);
  c.end();
}
