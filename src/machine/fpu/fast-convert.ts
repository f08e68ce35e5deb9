// Native conversions between floating point and integers, and between the formats, with a proof of result and flags at run time. See fast.ts.
import * as w from '../wasm/opcodes.ts';
import { f64Const, type FloatLocals, type FloatSite, type Format } from './fast-code.ts';

export type IntegerType = 'w' | 'wu' | 'l' | 'lu';
const LOWEST = { w: -(2 ** 31), wu: 0, l: -(2 ** 63), lu: 0 };
const BEYOND = { w: 2 ** 31, wu: 2 ** 32, l: 2 ** 63, lu: 2 ** 64 };

/** rd = the double in l.a as an integer, with l.status set. In range and, unless NX is already set, exact. */
export function toInteger(site: FloatSite, l: FloatLocals, type: IntegerType): void {
  const c = site.code;
  roundToIntegral(site, l);
  c.get(l.r); f64Const(c, LOWEST[type]); c.op(w.f64_ge);
  c.get(l.r); f64Const(c, BEYOND[type]); c.op(w.f64_lt);
  c.op(w.i32_and);
  c.get(l.r); c.get(l.a); c.op(w.f64_eq); c.get(l.status); c.op(w.i32_or); c.i32Const(1); c.op(w.i32_and);
  c.op(w.i32_and); c.op(w.i32_eqz); site.leaveIf(0);
  c.get(l.r);
  switch (type) {
    case 'w': c.op(w.i32_trunc_f64_s); c.op(w.i64_extend_i32_s); break;
    case 'wu': c.op(w.i32_trunc_f64_u); c.op(w.i64_extend_i32_s); break; // 32-bit results are sign-extended, unsigned ones too
    case 'l': c.op(w.i64_trunc_f64_s); break;
    case 'lu': c.op(w.i64_trunc_f64_u); break;
  }
  site.setRd(undefined);
}

/** r = a rounded to an integral value. RMM has no instruction and leaves. */
function roundToIntegral(site: FloatSite, l: FloatLocals): void {
  const c = site.code, native = [w.f64_nearest, w.f64_trunc, w.f64_floor, w.f64_ceil];
  const rounding = site.rounding;
  if (typeof rounding === 'number' && rounding < 4) { c.get(l.a); c.op(native[rounding]!); c.set(l.r); return; }
  // Most often RTZ, written by a C cast.
  const isMode = (mode: number): void => { c.get(l.status); c.i32Const(mode << 5 | 1); c.op(w.i32_le_u); };
  c.get(l.status); c.i32Const(3 << 5 | 1); c.op(w.i32_gt_u); site.leaveIf(0);
  c.get(l.status); c.i32Const(-2); c.op(w.i32_and); c.i32Const(1 << 5); c.op(w.i32_eq);
  c.open(w.if_, w.f64);
  c.get(l.a); c.op(w.f64_trunc);
  c.op(w.else_);
  c.get(l.a); c.op(w.f64_nearest);
  c.get(l.a); c.op(w.f64_floor);
  c.get(l.a); c.op(w.f64_ceil);
  isMode(2); c.op(w.select);
  isMode(0); c.op(w.select);
  c.end();
  c.set(l.r);
}

/** fd = rs1. Status is set and the mode is RNE. Exact when the integer fits the significand; else NX must be set already. */
export function fromInteger(site: FloatSite, l: FloatLocals, format: Format, type: IntegerType): void {
  const c = site.code, bits = format === 'd' ? 53 : 24, bound = 2 ** (bits === 53 ? 21 : 24);
  site.rs1();
  if (type === 'w') c.op(w.i64_extend32_s);
  if (type === 'wu') { c.i64Const(-1, 0); c.op(w.i64_and); }
  c.set(l.x);
  if (format === 's' || type === 'l' || type === 'lu') {
    // -2^bits <= x <= 2^bits; as unsigned, from 0.
    c.get(l.x);
    if (type !== 'lu') { integer(c, bits, bound); c.op(w.i64_add); }
    integer(c, bits, type === 'lu' ? bound : 2 * bound); c.op(w.i64_gt_u);
    c.get(l.status); c.op(w.i32_eqz); c.op(w.i32_and); site.leaveIf(0);
  }
  c.get(l.x);
  if (format === 'd') { c.op(type === 'lu' ? w.f64_convert_i64_u : w.f64_convert_i64_s); c.op(w.i64_reinterpret_f64); }
  else { c.op(type === 'lu' ? w.f32_convert_i64_u : w.f32_convert_i64_s); c.op(w.i32_reinterpret_f32); box(c); }
  site.setFrd(undefined);
}

/** The constant n, or n * 2^32 for doubles. */
function integer(c: FloatSite['code'], bits: number, n: number): void {
  if (bits === 53) c.i64Const(0, n);
  else c.i64Const(n);
}

/** i32 bits of a single to a NaN-boxed i64. */
export function box(c: FloatSite['code']): void {
  c.op(w.i64_extend_i32_u); c.i64Const(0, -1); c.op(w.i64_or);
}
