// Conditions "this correctly rounded result is exact", for results that are safe (finite and not tiny): emitted code leaves an i32 on the stack.
// They let programs that compute exactly (integers in doubles) stay on the native path while NX is still clear.
import type { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';
import { type FloatLocals, type Format } from './fast-code.ts';

/** r = a + b (or a - b): for either order of magnitude one of the two differences is itself exact, so both hold only if the sum is. */
export function sumIsExact(c: Code, l: FloatLocals, format: Format, op: 'add' | 'sub'): void {
  const [a, b, r] = format === 'd' ? [l.a, l.b, l.r] : [l.a32, l.b32, l.r32];
  const [add, sub, eq] = format === 'd' ? [w.f64_add, w.f64_sub, w.f64_eq] : [w.f32_add, w.f32_sub, w.f32_eq];
  if (op === 'add') { c.get(r); c.get(a); } else { c.get(a); c.get(r); }
  c.op(sub); c.get(b); c.op(eq);
  c.get(r); c.get(b); c.op(op === 'add' ? sub : add); c.get(a); c.op(eq);
  c.op(w.i32_and);
}

/** a * b: the product of the odd parts of the significands has at most 53 bits. */
export function productIsExact(c: Code, l: FloatLocals): void {
  oddPart(c, l, l.a, l.x);
  oddPart(c, l, l.b, l.y);
  // At most 64 bits, so that the multiplication below is exact ...
  c.get(l.x); c.op(w.i64_clz); c.get(l.y); c.op(w.i64_clz); c.op(w.i64_add); c.i64Const(64); c.op(w.i64_ge_u);
  // ... and then at most 53.
  c.get(l.x); c.get(l.y); c.op(w.i64_mul); c.i64Const(53); c.op(w.i64_shr_u); c.op(w.i64_eqz);
  c.op(w.i32_and);
}

/** a / b: the odd part of b's significand divides a's. b is not 0. */
export function quotientIsExact(c: Code, l: FloatLocals): void {
  significand(c, l.a); c.set(l.x);
  oddPart(c, l, l.b, l.y);
  c.get(l.x); c.get(l.y); c.op(w.i64_rem_u); c.op(w.i64_eqz);
}

/** r = sqrt(a), a normal: r * r = a, and r short enough (odd part below 2^26.5) for that product to have been exact. */
export function rootIsExact(c: Code, l: FloatLocals): void {
  oddPart(c, l, l.r, l.x);
  c.get(l.x); c.i64Const(94906266); c.op(w.i64_lt_u);
  c.get(l.r); c.get(l.r); c.op(w.f64_mul); c.get(l.a); c.op(w.f64_eq);
  c.op(w.i32_and);
}

/** Pushes the significand of the finite double in `v` as an integer. */
function significand(c: Code, v: number): void {
  c.get(v); c.op(w.i64_reinterpret_f64); c.i64Const(-1, 0x000fffff); c.op(w.i64_and);
  c.get(v); c.op(w.f64_abs); c.op(w.i64_reinterpret_f64); c.i64Const(52); c.op(w.i64_shr_u); c.i64Const(0); c.op(w.i64_ne); c.op(w.i64_extend_i32_u);
  c.i64Const(52); c.op(w.i64_shl); c.op(w.i64_or);
}

/** to = the significand without its trailing zeros (0 stays 0: the shift count is taken modulo 64). */
function oddPart(c: Code, l: FloatLocals, v: number, to: number): void {
  significand(c, v); c.tee(l.z);
  c.get(l.z); c.op(w.i64_ctz); c.op(w.i64_shr_u); c.set(to);
}
