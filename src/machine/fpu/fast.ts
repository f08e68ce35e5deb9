// Floating point on the host's own arithmetic: emits each F and D operation as WebAssembly that proves result and flags at run time, or leaves to the Fpu.
//
// The native path never writes fcsr. It goes through only if the operation raises nothing that is not sticky already:
//   add sub mul div sqrt fma, narrowing, from integer   mode RNE; result finite and not tiny (or exact); NX already set, or the result proven exact
//   to integer                                          in range; NX already set, or exact; any mode but RMM
//   min max compare, widening                           no NaN
//   sign injection, class, moves                        always
// and singles are NaN-boxed. All of it is left as wasm locals and one store: no calls, so that interpreters keep their state in registers.
import type { Engine } from '../engine.ts';
import type { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';
import { f64Const, FloatLocals, type FloatSite, type Format, isFinite64, isSafe32, isSafe64 } from './fast-code.ts';
import { box, fromInteger, type IntegerType, toInteger } from './fast-convert.ts';
import { productIsExact, quotientIsExact, rootIsExact, sumIsExact } from './fast-exact.ts';
import { fusedDouble, fusedIsExact, fusedSingle, fusedSingleIsInexact } from './fast-fma.ts';
import { type FusedLocals, hardwareFused, isSafeLane, leaveUnlessFusedIsExact, pushLane } from './hardware-fma.ts';

export type { FloatSite, RoundingField } from './fast-code.ts';

/** Emits floating-point instructions into one wasm function; has its locals there. */
export class FastFloat {
  readonly #l: FloatLocals;
  /** Where the engine fuses. */
  readonly #fused: FusedLocals | null;

  constructor(code: Code, engine: Engine, locals = new FloatLocals(code)) {
    this.#l = locals;
    const [a, b, c, r, d] = engine.fusedMadd ? Array.from({ length: 5 }, () => code.local(w.v128)) as [number, number, number, number, number] : [];
    this.#fused = d === undefined ? null : { a: a!, b: b!, c: c!, addend: c!, r: r!, d };
  }

  /** Emits FP_OPS[...] `op`. The value it stores is the only thing left on the wasm stack on the way. */
  emit(op: string, site: FloatSite): void {
    const [name, first, second] = op.split('.') as [string, string, string?];
    if (name === 'fcvt') this.#convert(site, first, second!);
    else if (name === 'fmv') this.#move(site, first, second!);
    else if (name === 'fclass') this.#classify(site, first as Format);
    else if (name.startsWith('fsgnj')) this.#signInject(site, first as Format, name);
    else if (/^f(eq|lt|le|min|max)$/.test(name)) this.#ordered(site, first as Format, name);
    else if (first === 'd') this.#double(site, name);
    else this.#single(site, name);
  }

  #double(site: FloatSite, name: string): void {
    const c = site.code, l = this.#l, fused = isFused(name);
    this.#status(site);
    this.#operands(site, 'd', fused ? 3 : name === 'fsqrt' ? 1 : 2);
    if (fused && this.#fused !== null) { this.#fusedDouble(site, name, this.#fused); return; }
    if (fused) {
      negate(c, name, l.a, l.c, w.f64_neg);
      fusedDouble(c, l, n => site.leaveIf(n));
      isFinite64(c, l.r); c.op(w.i32_eqz); site.leaveIf(0);
    } else {
      this.#nativeDouble(site, name);
    }
    // Status is 1 most of the time: nearest, and NX set long ago.
    c.get(l.status); c.i32Const(1); c.op(w.i32_ne);
    c.open(w.if_);
    this.#leaveUnlessNearest(site, 1);
    if (fused) fusedIsExact(c, l);
    else if (name === 'fmul') productIsExact(c, l);
    else if (name === 'fdiv') quotientIsExact(c, l);
    else if (name === 'fsqrt') rootIsExact(c, l);
    else sumIsExact(c, l, 'd', name === 'fadd' ? 'add' : 'sub');
    c.op(w.i32_eqz); site.leaveIf(1);
    c.end();
    this.#storeDouble(site);
  }

  #fusedDouble(site: FloatSite, name: string, v: FusedLocals): void {
    const c = site.code, l = this.#l;
    for (const [from, to] of [[l.a, v.a], [l.b, v.b], [l.c, v.c]] as const) { c.get(from); c.simd(w.f64x2_splat); c.set(to); }
    hardwareFused(c, name, v);
    isSafeLane(c, v.r); c.get(l.status); c.i32Const(1); c.op(w.i32_eq); c.op(w.i32_and); c.op(w.i32_eqz);
    c.open(w.if_);
    this.#leaveUnlessNearest(site, 1);
    leaveUnlessFusedIsExact(c, name, v, n => site.leaveIf(n + 1));
    c.end();
    pushLane(c, v.r); c.set(l.r);
    this.#storeDouble(site);
  }

  /** r = a op b, in a range where only NX can be raised. */
  #nativeDouble(site: FloatSite, name: string): void {
    const c = site.code, l = this.#l;
    c.get(l.a);
    if (name === 'fsqrt') {
      c.op(w.f64_sqrt); c.set(l.r);
      // The root of a subnormal is normal, but no proof of exactness holds there.
      isSafe64(c, l.a); c.get(l.r); f64Const(c, 0); c.op(w.f64_ge); c.op(w.i32_and);
      c.get(l.a); f64Const(c, 0); c.op(w.f64_eq); c.op(w.i32_or); c.op(w.i32_eqz); site.leaveIf(0);
      return;
    }
    c.get(l.b); c.op({ fadd: w.f64_add, fsub: w.f64_sub, fmul: w.f64_mul, fdiv: w.f64_div }[name]!); c.set(l.r);
    if (name === 'fadd' || name === 'fsub') { // a tiny sum is exact
      isFinite64(c, l.r); c.op(w.i32_eqz); site.leaveIf(0);
      return;
    }
    isSafe64(c, l.r); c.op(w.i32_eqz);
    c.open(w.if_);
    c.get(l.r); f64Const(c, 0); c.op(w.f64_eq);                     // 0 is right when an operand is
    c.get(l.a); f64Const(c, 0); c.op(w.f64_eq);
    if (name === 'fmul') { c.get(l.b); f64Const(c, 0); c.op(w.f64_eq); c.op(w.i32_or); }
    c.op(w.i32_and); c.op(w.i32_eqz); site.leaveIf(1);
    c.end();
  }

  #single(site: FloatSite, name: string): void {
    const c = site.code, l = this.#l, fused = isFused(name);
    const wide = (v: number): void => { c.get(v); c.op(w.f64_promote_f32); };
    this.#status(site);
    this.#leaveUnlessNearest(site, 0);
    this.#operands(site, 's', fused ? 3 : name === 'fsqrt' ? 1 : 2);
    // A condition "inexact" from each: products of singles are exact in a double, and so is every comparison below.
    switch (name) {
      case 'fadd': case 'fsub':
        c.get(l.a32); c.get(l.b32); c.op(name === 'fadd' ? w.f32_add : w.f32_sub); c.set(l.r32);
        sumIsExact(c, l, 's', name === 'fadd' ? 'add' : 'sub'); c.op(w.i32_eqz);
        break;
      case 'fmul':
        wide(l.a32); wide(l.b32); c.op(w.f64_mul); c.tee(l.p); c.op(w.f32_demote_f64); c.tee(l.r32);
        c.op(w.f64_promote_f32); c.get(l.p); c.op(w.f64_ne);
        break;
      case 'fdiv':
        c.get(l.a32); c.get(l.b32); c.op(w.f32_div); c.set(l.r32);
        wide(l.r32); wide(l.b32); c.op(w.f64_mul); wide(l.a32); c.op(w.f64_ne);
        break;
      case 'fsqrt':
        c.get(l.a32); c.op(w.f32_sqrt); c.set(l.r32);
        wide(l.r32); wide(l.r32); c.op(w.f64_mul); wide(l.a32); c.op(w.f64_ne);
        break;
      default:
        negate(c, name, l.a32, l.c32, w.f32_neg);
        fusedSingle(c, l);
        fusedSingleIsInexact(c, l);
    }
    this.#allowInexactSingle(site);
    this.#storeSingle(site);
  }

  /** With the condition "r32 is inexact" on the stack: then it must be safe and NX already set. */
  #allowInexactSingle(site: FloatSite): void {
    const c = site.code, l = this.#l;
    c.open(w.if_);
    isSafe32(c, l.r32); c.get(l.status); c.op(w.i32_and); c.op(w.i32_eqz); site.leaveIf(1);
    c.end();
  }

  #ordered(site: FloatSite, format: Format, name: string): void {
    const c = site.code, l = this.#l;
    this.#operands(site, format, 2);
    const [a, b, eq] = format === 'd' ? [l.a, l.b, w.f64_eq] : [l.a32, l.b32, w.f32_eq];
    c.get(a); c.get(a); c.op(eq); c.get(b); c.get(b); c.op(eq); c.op(w.i32_and); c.op(w.i32_eqz); site.leaveIf(0);
    c.get(a); c.get(b);
    const native = format === 'd'
      ? { feq: w.f64_eq, flt: w.f64_lt, fle: w.f64_le, fmin: w.f64_min, fmax: w.f64_max }
      : { feq: w.f32_eq, flt: w.f32_lt, fle: w.f32_le, fmin: w.f32_min, fmax: w.f32_max };
    c.op(native[name as keyof typeof native]);
    if (name === 'fmin' || name === 'fmax') {
      c.set(format === 'd' ? l.r : l.r32);
      this.#store(site, format);
    } else {
      c.op(w.i64_extend_i32_u);
      site.setRd(undefined);
    }
  }

  #signInject(site: FloatSite, format: Format, name: string): void {
    const c = site.code, { x, y } = this.#l, signHi = format === 'd' ? 0x80000000 | 0 : 0, signLo = format === 'd' ? 0 : 0x80000000 | 0;
    site.frs1Bits(); c.set(x);
    site.frs2Bits(); c.set(y);
    if (format === 's') this.#leaveUnlessBoxed(site, () => { c.get(x); c.get(y); c.op(w.i64_and); });
    c.get(x);
    if (name !== 'fsgnjx') { c.i64Const(~signLo, ~signHi); c.op(w.i64_and); }
    c.get(y);
    if (name === 'fsgnjn') { c.i64Const(-1); c.op(w.i64_xor); }
    c.i64Const(signLo, signHi); c.op(w.i64_and);
    c.op(name === 'fsgnjx' ? w.i64_xor : w.i64_or);
    site.setFrd(undefined);
  }

  #move(site: FloatSite, to: string, from: string): void {
    const c = site.code;
    if (to === 'x') {
      site.frs1Bits();
      if (from === 'w') c.op(w.i64_extend32_s);
      site.setRd(undefined);
    } else {
      site.rs1();
      if (to === 'w') { c.i64Const(0, -1); c.op(w.i64_or); }
      site.setFrd(undefined);
    }
  }

  /** 1 << rank: 0 to 7 from -infinity to +infinity, 8 signaling, 9 quiet NaN. A single that is not boxed is the canonical NaN. */
  #classify(site: FloatSite, format: Format): void {
    const c = site.code, { x, y, z } = this.#l;
    site.frs1Bits();
    if (format === 's') {                       // to the top of the 64 bits
      c.set(x); c.i64Const(0, 0x7fc00000); c.get(x); c.i64Const(32); c.op(w.i64_shl);
      c.get(x); c.i64Const(32); c.op(w.i64_shr_s); c.i64Const(-1); c.op(w.i64_ne); c.op(w.select);
    }
    c.set(x);
    const exponentBits = format === 'd' ? 11 : 8, fraction = (): void => { c.get(x); c.i64Const(exponentBits + 1); c.op(w.i64_shl); };
    c.get(x); c.i64Const(1); c.op(w.i64_shl); c.i64Const(64 - exponentBits); c.op(w.i64_shr_u); c.set(y);
    const number = (n: number): void => c.i64Const(n);
    // rank of the magnitude: 4 zero, 5 subnormal, 6 normal, 7 infinity
    number(4); number(5); fraction(); c.op(w.i64_eqz); c.op(w.select);
    number(6);
    c.get(y); c.op(w.i64_eqz); c.op(w.select);
    number(7);
    c.get(y); number(2 ** exponentBits - 1); c.op(w.i64_ne); c.op(w.select); c.set(z);
    number(7); c.get(z); c.op(w.i64_sub); c.get(z); c.get(x); number(0); c.op(w.i64_lt_s); c.op(w.select); c.set(z);
    number(1);
    number(9); number(8); fraction(); number(0); c.op(w.i64_lt_s); c.op(w.select);
    c.get(z);
    c.get(y); number(2 ** exponentBits - 1); c.op(w.i64_eq); fraction(); c.op(w.i64_eqz); c.op(w.i32_eqz); c.op(w.i32_and); c.op(w.select);
    c.op(w.i64_shl);
    site.setRd(undefined);
  }

  #convert(site: FloatSite, to: string, from: string): void {
    const c = site.code, l = this.#l;
    this.#status(site);
    if (to !== 's' && to !== 'd') {
      this.#operands(site, from as Format, 1);
      if (from === 's') { c.get(l.a32); c.op(w.f64_promote_f32); c.set(l.a); }
      toInteger(site, l, to as IntegerType);
      return;
    }
    this.#leaveUnlessNearest(site, 0);
    if (from === 'd') {
      this.#operands(site, 'd', 1);
      c.get(l.a); c.op(w.f32_demote_f64); c.tee(l.r32); c.op(w.f64_promote_f32); c.get(l.a); c.op(w.f64_ne);
      this.#allowInexactSingle(site);
      this.#storeSingle(site);
    } else if (from === 's') {
      this.#operands(site, 's', 1);
      c.get(l.a32); c.get(l.a32); c.op(w.f32_ne); site.leaveIf(0);
      c.get(l.a32); c.op(w.f64_promote_f32); c.set(l.r);
      this.#storeDouble(site);
    } else {
      fromInteger(site, l, to, from as IntegerType);
    }
  }

  /** status = effective rounding mode << 5 | NX. */
  #status(site: FloatSite): void {
    const c = site.code, { rounding } = site;
    site.fcsr();
    if (rounding === 'any') {
      c.i32Const(1); c.op(w.i32_and);
      site.fcsr(); c.i32Const(0xe0); c.op(w.i32_and);
      site.rmField(); c.i32Const(5); c.op(w.i32_shl);
      site.rmField(); c.i32Const(7); c.op(w.i32_eq);
      c.op(w.select); c.op(w.i32_or);
    } else if (rounding === 7 || rounding === '0 or 7') {
      c.i32Const(0xe1); c.op(w.i32_and);
    } else {
      c.i32Const(1); c.op(w.i32_and); c.i32Const(rounding << 5); c.op(w.i32_or);
    }
    c.set(this.#l.status);
  }

  #leaveUnlessNearest(site: FloatSite, nesting: number): void {
    if (site.rounding === 0) return;
    const c = site.code;
    c.get(this.#l.status); c.i32Const(0xe0); c.op(w.i32_and); site.leaveIf(nesting);
  }

  /** Loads `count` operands into a, b, c or a32, b32, c32. */
  #operands(site: FloatSite, format: Format, count: 1 | 2 | 3): void {
    const c = site.code, l = this.#l;
    const push = [() => site.frs1Bits(), () => site.frs2Bits(), () => site.frs3Bits()], bits = [l.x, l.y, l.z];
    for (let i = 0; i < count; i++) {
      push[i]!();
      if (format === 'd') { c.op(w.f64_reinterpret_i64); c.set([l.a, l.b, l.c][i]!); continue; }
      c.tee(bits[i]!); c.op(w.i32_wrap_i64); c.op(w.f32_reinterpret_i32); c.set([l.a32, l.b32, l.c32][i]!);
    }
    if (format === 'd') return;
    this.#leaveUnlessBoxed(site, () => {
      c.get(l.x);
      for (let i = 1; i < count; i++) { c.get(bits[i]!); c.op(w.i64_and); }
    });
  }

  #leaveUnlessBoxed(site: FloatSite, allBits: () => void): void {
    const c = site.code;
    allBits();
    c.i64Const(32); c.op(w.i64_shr_s); c.i64Const(-1); c.op(w.i64_ne); site.leaveIf(0);
  }

  #store(site: FloatSite, format: Format): void {
    if (format === 'd') this.#storeDouble(site);
    else this.#storeSingle(site);
  }

  #storeDouble(site: FloatSite): void {
    site.code.get(this.#l.r); site.code.op(w.i64_reinterpret_f64);
    site.setFrd(undefined);
  }

  #storeSingle(site: FloatSite): void {
    site.code.get(this.#l.r32); site.code.op(w.i32_reinterpret_f32); box(site.code);
    site.setFrd(undefined);
  }
}

const isFused = (name: string): boolean => /^fn?m(add|sub)$/.test(name);

/** fnmadd and fnmsub negate the product, fmsub and fnmadd the addend. */
function negate(c: Code, name: string, a: number, addend: number, neg: number): void {
  if (name.startsWith('fn')) { c.get(a); c.op(neg); c.set(a); }
  if (name === 'fmsub' || name === 'fnmadd') { c.get(addend); c.op(neg); c.set(addend); }
}
