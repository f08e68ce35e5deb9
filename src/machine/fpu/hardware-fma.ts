// Fused multiply-add as one instruction of the host (relaxed SIMD, lane 0 of vectors) where the engine is known to round once (engine.ts), and the proof that
// nothing but NX can have been raised, or nothing at all. Doubles; singles are exact enough in doubles (fast-fma.ts).
import type { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';
import { f64Const } from './fast-code.ts';

/** v128 locals of one multiply-add: operands, the addend as it is added, the result, and scratch. `addend` may be `c`. */
export interface FusedLocals { readonly a: number; readonly b: number; readonly c: number; readonly addend: number; readonly r: number; readonly d: number }

/** fnmadd and fnmsub negate the product, fmsub and fnmadd the addend. */
const negatesProduct = (name: string): boolean => name.startsWith('fn');
export const negatesAddend = (name: string): boolean => name === 'fmsub' || name === 'fnmadd';

/** Pushes lane 0 as a double. */
export function pushLane(c: Code, v: number): void { c.get(v); c.lane(w.f64x2_extract_lane); }

/** r = ±(a * b) ± c, rounded once. */
export function hardwareFused(c: Code, name: string, l: FusedLocals): void {
  if (negatesAddend(name)) { c.get(l.c); c.simd(w.f64x2_neg); c.set(l.addend); }
  c.get(l.a); c.get(l.b); c.get(l.addend);
  c.simd(negatesProduct(name) ? w.f64x2_relaxed_nmadd : w.f64x2_relaxed_madd); c.set(l.r);
}

/** Condition: r is finite and certainly not tiny. */
export function isSafeLane(c: Code, r: number): void {
  c.get(r); c.lane(w.i32x4_extract_lane, 1); isSafeHigh(c);
}

/** The high word of a double to the condition that it is finite and at least 2^-1021. */
export function isSafeHigh(c: Code): void {
  c.i32Const(1); c.op(w.i32_shl); c.i32Const(2 << 21); c.op(w.i32_sub); c.i32Const(2045 << 21); c.op(w.i32_lt_u);
}

/** The high word of a double to the condition that it is an infinity or a NaN. */
export function isNotFiniteHigh(c: Code): void {
  c.i32Const(1); c.op(w.i32_shl); c.i32Const(2047 << 21); c.op(w.i32_ge_u);
}

/** The high word of a double to the condition that it is at least 2^-900, or no number. */
export function isLargeHigh(c: Code): void {
  // No shift: that of isSafeHigh would be kept in a register for this, which is asked rarely.
  c.i32Const(0x7fffffff); c.op(w.i32_and); c.i32Const(123 << 20); c.op(w.i32_ge_u);
}

/**
 * Leaves unless r, the result of `hardwareFused`, is exact; does not find every exact one. With d = r - c rounded: if a * b - d is 0 and r - d is c, then a * b
 * is d and r = d + c, both exactly: for either order of magnitude r - c or r - d is exact (fast-exact.ts), given r rounds d + c. That the first is 0 proves
 * something only where its error would not have vanished below the smallest double; beside that, a product with 0 is exact.
 */
export function leaveUnlessFusedIsExact(c: Code, name: string, l: FusedLocals, leaveIf: (nesting: number) => void): void {
  c.open(w.block);
  c.open(w.block);
  c.get(l.r); c.get(l.addend); c.simd(w.f64x2_sub); c.set(l.d);
  c.get(l.a); c.get(l.b); c.get(l.d); c.simd(negatesProduct(name) ? w.f64x2_relaxed_madd : w.f64x2_relaxed_nmadd); c.lane(w.f64x2_extract_lane);
  f64Const(c, 0); c.op(w.f64_ne); c.brIf(0);
  c.get(l.r); c.get(l.d); c.simd(w.f64x2_sub); c.lane(w.f64x2_extract_lane);
  pushLane(c, l.addend); c.op(w.f64_ne); c.brIf(0);
  // The error of such a product is a multiple of 2^-1006 at least.
  c.get(l.d); c.lane(w.i32x4_extract_lane, 1); isLargeHigh(c); c.brIf(1);
  c.end();
  pushLane(c, l.a); f64Const(c, 0); c.op(w.f64_eq); pushLane(c, l.b); f64Const(c, 0); c.op(w.f64_eq); c.op(w.i32_or);
  pushLane(c, l.r); c.op(w.f64_abs); f64Const(c, Infinity); c.op(w.f64_lt); c.op(w.i32_and); c.op(w.i32_eqz); leaveIf(1);
  c.end();
}
