// Fused multiply-add from plain wasm arithmetic, correctly rounded to nearest: exact product and sum as unevaluated pairs, the small terms added with rounding
// to odd, so that the last addition rounds as if once (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
import type { Code } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { f32Const, f64Const, FloatLocals, isFinite64, isSafe32, roundToOdd, sumError } from './fast-code.ts';

/** Biased exponents of a and b between which a * b and its rounding error are doubles, with room: 2^-480 to 2^480. */
const LOWEST = 543, SPAN = 960;
const SPLIT = 2 ** 27 + 1;

/**
 * r = a * b + c on f64 locals. Emits a condition first: operands far out of range (unless a or b is 0) make it `leave`, which pops an i32 inside one label.
 * The caller must still see to it that r is finite. Changes p, s, t, u, v, q, x.
 */
export function fusedDouble(c: Code, l: FloatLocals, leaveIf: (nesting: number) => void): void {
  outOfRange(c, l.a);
  outOfRange(c, l.b);
  c.op(w.i32_or);
  c.open(w.if_);
  c.get(l.a); f64Const(c, 0); c.op(w.f64_eq); c.get(l.b); f64Const(c, 0); c.op(w.f64_eq); c.op(w.i32_or); c.op(w.i32_eqz); leaveIf(1);
  c.get(l.a); c.get(l.b); c.op(w.f64_mul); c.get(l.c); c.op(w.f64_add); c.tee(l.r); c.set(l.s);
  f64Const(c, 0); c.tee(l.u); c.set(l.v);
  c.op(w.else_);
  c.get(l.a); c.get(l.b); c.op(w.f64_mul); c.set(l.p);
  productError(c, l);                                                                    // q
  c.get(l.p); c.get(l.c); c.op(w.f64_add); c.set(l.s);
  sumError(c, l.p, l.c, l.s, l.t, l.v);
  c.get(l.t); c.get(l.q); c.op(w.f64_add); c.set(l.u);
  sumError(c, l.t, l.q, l.u, l.v, l.p);
  roundToOdd(c, l.u, l.v);
  c.get(l.s); c.get(l.u); c.op(w.f64_add); c.set(l.r);
  c.end();
}

/** Condition, after `fusedDouble`: r is exact. */
export function fusedIsExact(c: Code, l: FloatLocals): void {
  c.get(l.v); f64Const(c, 0); c.op(w.f64_eq);
  c.get(l.r); c.get(l.s); c.op(w.f64_sub); c.get(l.u); c.op(w.f64_eq); c.op(w.i32_and);
  c.get(l.r); c.get(l.u); c.op(w.f64_sub); c.get(l.s); c.op(w.f64_eq); c.op(w.i32_and);
}

/** r32 = a32 * b32 + c32: the product is exact in a double. Leaves s, the sum rounded to odd, and its error t. The caller checks the range of r32. */
export function fusedSingle(c: Code, l: FloatLocals): void {
  c.get(l.a32); c.op(w.f64_promote_f32); c.get(l.b32); c.op(w.f64_promote_f32); c.op(w.f64_mul); c.tee(l.p);
  c.get(l.c32); c.op(w.f64_promote_f32); c.tee(l.c); c.op(w.f64_add); c.set(l.s);
  sumError(c, l.p, l.c, l.s, l.t, l.v);
  roundToOdd(c, l.s, l.t);
  c.get(l.s); c.op(w.f32_demote_f64); c.set(l.r32);
}

/** Condition, after `fusedSingle`: r32 is not exact. */
export function fusedSingleIsInexact(c: Code, l: FloatLocals): void {
  c.get(l.t); f64Const(c, 0); c.op(w.f64_ne);
  c.get(l.r32); c.op(w.f64_promote_f32); c.get(l.s); c.op(w.f64_ne);
  c.op(w.i32_or);
}

/**
 * The same as functions (a, b, c) -> a * b + c for code that would rather call, 'fma64' on f64 and 'fma32' on f32. NaN stands for "ask the Fpu": NaN,
 * infinite, tiny or out of the provable range. No flags are derived.
 */
export function addFmaFunctions(module: ModuleBuilder, newCode: (params: number) => Code): { readonly fma64: number; readonly fma32: number } {
  const double = newCode(3), d = new FloatLocals(double);
  [d.a, d.b, d.c].forEach((local, i) => { double.get(i); double.set(local); });
  fusedDouble(double, d, () => { double.open(w.if_); f64Const(double, NaN); double.op(w.return_); double.end(); });
  double.get(d.r); f64Const(double, NaN); isFinite64(double, d.r); double.op(w.select);

  const single = newCode(3), s = new FloatLocals(single);
  [s.a32, s.b32, s.c32].forEach((local, i) => { single.get(i); single.set(local); });
  fusedSingle(single, s);
  single.get(s.r32); f32Const(single, NaN);
  fusedSingleIsInexact(single, s); single.op(w.i32_eqz);
  isSafe32(single, s.r32);
  single.op(w.i32_or); single.op(w.select);
  return {
    fma64: module.function('fma64', module.type([w.f64, w.f64, w.f64], [w.f64]), double),
    fma32: module.function('fma32', module.type([w.f32, w.f32, w.f32], [w.f32]), single),
  };
}

/** Condition: the exponent of the double in `v` is beyond the range of `fusedDouble`. Zero, infinity and NaN are. */
function outOfRange(c: Code, v: number): void {
  c.get(v); c.op(w.f64_abs); c.op(w.i64_reinterpret_f64); c.i64Const(52); c.op(w.i64_shr_u); c.i64Const(LOWEST); c.op(w.i64_sub);
  c.i64Const(SPAN); c.op(w.i64_gt_u);
}

/** q = a * b - p exactly, p the rounded product (Dekker's product with Veltkamp's splitting). Changes s, t, u, v. */
function productError(c: Code, l: FloatLocals): void {
  const [ah, al, bh, bl] = [l.s, l.t, l.u, l.v];
  split(c, l.a, ah, al);
  split(c, l.b, bh, bl);
  const times = (x: number, y: number): void => { c.get(x); c.get(y); c.op(w.f64_mul); };
  times(al, bl);
  c.get(l.p);
  times(ah, bh); c.op(w.f64_sub);
  times(al, bh); c.op(w.f64_sub);
  times(ah, bl); c.op(w.f64_sub);
  c.op(w.f64_sub); c.set(l.q);
}

/** value = high + low with 26 bits each. */
function split(c: Code, value: number, high: number, low: number): void {
  c.get(value); f64Const(c, SPLIT); c.op(w.f64_mul); c.tee(high);
  c.get(high); c.get(value); c.op(w.f64_sub); c.op(w.f64_sub); c.tee(high);
  c.get(value); c.op(w.f64_sub); c.op(w.f64_neg); c.set(low);
}
