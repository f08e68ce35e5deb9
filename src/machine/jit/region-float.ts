// Floating point in translated regions: FastFloat's rules (fpu/fast.ts) where the rounding mode and NX are known before, so that little is left to test. A result
// that may have raised more than NX leaves; where NX is clear, one that is not proven exact.
import { f32Const, f64Const, FloatLocals, type FloatSite, type Format } from '../fpu/fast-code.ts';
import { sumIsExact } from '../fpu/fast-exact.ts';
import { FastFloat } from '../fpu/fast.ts';
import { type FusedLocals, hardwareFused, isLargeHigh, isNotFiniteHigh, isSafeHigh, leaveUnlessFusedIsExact, negatesAddend, pushLane } from '../fpu/hardware-fma.ts';
import type { Engine } from '../engine.ts';
import type { Local } from '../isa/wasm-ops.ts';
import { RM_DYN } from '../isa/registers.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import type { Facts } from './float-facts.ts';
import type { FloatRegisters } from './float-registers.ts';
import type { Insn } from './insn.ts';

/**
 * The floating-point status that a translation is for. nx: rounding to nearest, NX set, as it soon is in programs that compute. other: any but that. any: nothing
 * in it depends on it.
 */
export type StatusVersion = 'nx' | 'other' | 'any';

const VECTOR = { fadd: w.f64x2_add, fsub: w.f64x2_sub, fmul: w.f64x2_mul, fdiv: w.f64x2_div, fsqrt: w.f64x2_sqrt } as const;
const SINGLE = { fadd: w.f32_add, fsub: w.f32_sub, fmul: w.f32_mul, fdiv: w.f32_div, fsqrt: w.f32_sqrt } as const;
const COMPARE = { feq: [w.f64_eq, w.f32_eq], flt: [w.f64_lt, w.f32_lt], fle: [w.f64_le, w.f32_le] } as const;
type Plain = keyof typeof VECTOR;

export class RegionFloat {
  readonly #c: Body;
  readonly #site: FloatSite;
  readonly #f: FloatRegisters;
  readonly #engine: Engine;
  readonly #version: StatusVersion;
  /** version other: fcsr's rounding mode and NX. */
  readonly #status: Local;
  readonly #l: FloatLocals;
  readonly #fast: FastFloat;
  readonly #r: Local;
  readonly #d: Local;
  readonly #addend: Local;

  constructor(code: Body, site: FloatSite, registers: FloatRegisters, engine: Engine, version: StatusVersion, status: Local) {
    this.#c = code;
    this.#site = site;
    this.#f = registers;
    this.#engine = engine;
    this.#version = version;
    this.#status = status;
    this.#l = new FloatLocals(code);
    this.#fast = new FastFloat(code, engine, this.#l);
    [this.#r, this.#d, this.#addend] = [code.local(w.v128, 'r'), code.local(w.v128, 'd'), code.local(w.v128, 'addend')];
  }

  /** Emits `insn`, of which `facts` is known. */
  emit(insn: Insn, facts: Facts): void {
    const [name, format] = insn.insn!.name.split('.') as [string, string];
    if (name in VECTOR && format === 'd' && this.#isNative(name)) this.#double(insn, name as Plain);
    else if (name in SINGLE && format === 's' && this.#version === 'nx') this.#single(insn, name as Plain, facts);
    else if (/^fn?m(add|sub)$/.test(name) && this.#engine.fusedMadd && format === 'd') this.#fusedDouble(insn, name);
    else if (/^fn?m(add|sub)$/.test(name) && this.#engine.fusedMadd && this.#version === 'nx') this.#fusedSingle(insn, name, facts);
    else if (name in COMPARE) this.#compare(insn, name as keyof typeof COMPARE, format as Format, facts);
    else if (name.startsWith('fsgnj') && insn.rs1 === insn.rs2 && (format === 'd' || name === 'fsgnj' && facts.boxed >>> insn.rs1 & 1)) this.#copy(insn, name);
    else if (name === 'fmv' && format === 'd' && insn.rs1 === 0) { f64Const(this.#c, 0); this.#c.simd(w.f64x2_splat); this.#f.set(insn.rd); }
    else this.#fast.emit(insn.insn!.name, this.#site);
  }

  /** The proofs of exactness below need the engine's multiply-add, but for sums. */
  #isNative(name: string): boolean { return this.#version === 'nx' || this.#engine.fusedMadd || name === 'fadd' || name === 'fsub'; }

  #double(insn: Insn, name: Plain): void {
    const c = this.#c, f = this.#f, a = f.local(insn.rs1), b = f.local(insn.rs2);
    this.#leaveUnlessNearest(insn);
    c.get(a);
    if (name !== 'fsqrt') c.get(b);
    c.simd(VECTOR[name]); c.set(this.#r);
    if (name === 'fadd' || name === 'fsub') this.#testSum(insn, name);         // a tiny sum is exact
    else if (name === 'fsqrt' && this.#version === 'nx') { pushLane(c, this.#r); pushLane(c, this.#r); c.op(w.f64_ne); this.#site.leaveIf(0); }
    else this.#testProduct(name, a, b);
    c.get(this.#r); f.set(insn.rd);
  }

  #testSum(insn: Insn, name: 'fadd' | 'fsub'): void {
    const c = this.#c, l = this.#l;
    c.get(this.#r); c.lane(w.i32x4_extract_lane, 1); isNotFiniteHigh(c); this.#site.leaveIf(0);
    if (this.#version === 'nx') return;
    this.#f.pushDouble(insn.rs1); c.set(l.a);
    this.#f.pushDouble(insn.rs2); c.set(l.b);
    pushLane(c, this.#r); c.set(l.r);
    sumIsExact(c, l, 'd', name === 'fadd' ? 'add' : 'sub'); c.op(w.i32_eqz); this.#site.leaveIf(0);
  }

  /** Products, quotients, and roots with NX clear: by the remainder, which is 0 only if there is none as long as it could not have vanished; or 0 of 0. */
  #testProduct(name: Plain, a: Local, b: Local): void {
    const c = this.#c, r = this.#r;
    c.open(w.block);
    if (this.#version === 'nx') {
      c.get(r); c.lane(w.i32x4_extract_lane, 1); isSafeHigh(c); c.brIf(0);
    } else {
      c.open(w.block);
      // a * b - r, a - r * b, a - r * r: multiples of 2^-1006 if what is near both has an exponent of -900.
      const [x, y, whole] = name === 'fmul' ? [a, b, r] : name === 'fdiv' ? [r, b, a] : [r, r, a];
      c.get(x); c.get(y); c.get(whole); c.simd(w.f64x2_relaxed_nmadd); c.lane(w.f64x2_extract_lane); f64Const(c, 0); c.op(w.f64_ne); c.brIf(0);
      if (name === 'fdiv') { c.get(r); c.lane(w.i32x4_extract_lane, 1); isSafeHigh(c); c.op(w.i32_eqz); c.brIf(0); }
      c.get(whole); c.lane(w.i32x4_extract_lane, 1); isLargeHigh(c); c.brIf(1);
      c.end();
    }
    this.#isZero(r);
    this.#isZero(a);
    if (name === 'fmul') { this.#isZero(b); c.op(w.i32_or); }
    c.op(w.i32_and); c.op(w.i32_eqz); this.#site.leaveIf(1);
    c.end();
  }

  #fusedDouble(insn: Insn, name: string): void {
    const c = this.#c, f = this.#f, addend = f.local(insn.rs3);
    const l: FusedLocals = { a: f.local(insn.rs1), b: f.local(insn.rs2), c: addend, addend: negatesAddend(name) ? this.#addend : addend, r: this.#r, d: this.#d };
    this.#leaveUnlessNearest(insn);
    hardwareFused(c, name, l);
    if (this.#version === 'nx') {
      c.open(w.block);
      c.get(this.#r); c.lane(w.i32x4_extract_lane, 1); isSafeHigh(c); c.brIf(0);
      // 0 and nothing lost: a product with 0, or one that c cancels and that is too large for a remainder to vanish.
      this.#isZero(this.#r); this.#isZero(l.a); this.#isZero(l.b); c.op(w.i32_or);
      c.get(l.c); c.lane(w.i32x4_extract_lane, 1); isLargeHigh(c); c.op(w.i32_or); c.op(w.i32_and); c.op(w.i32_eqz); this.#site.leaveIf(1);
      c.end();
    } else {
      leaveUnlessFusedIsExact(c, name, l, n => this.#site.leaveIf(n));
    }
    c.get(this.#r); f.set(insn.rd);
  }

  #single(insn: Insn, name: Plain, facts: Facts): void {
    const c = this.#c, f = this.#f, l = this.#l;
    this.#leaveUnlessBoxed(insn.rs1, facts);
    if (name !== 'fsqrt' && insn.rs2 !== insn.rs1) this.#leaveUnlessBoxed(insn.rs2, facts);
    f.pushSingle(insn.rs1);
    if (name !== 'fsqrt') f.pushSingle(insn.rs2);
    c.op(SINGLE[name]); c.set(l.r32);
    if (name === 'fsqrt') { c.get(l.r32); c.get(l.r32); c.op(w.f32_ne); this.#site.leaveIf(0); }
    else if (name === 'fadd' || name === 'fsub') { c.get(l.r32); c.op(w.i32_reinterpret_f32); c.i32Const(1); c.op(w.i32_shl); c.i32Const(255 << 24); c.op(w.i32_ge_u); this.#site.leaveIf(0); }
    else {
      c.open(w.block);
      this.#isSafeSingle(); c.brIf(0);
      const isZero = (push: () => void): void => { push(); f32Const(c, 0); c.op(w.f32_eq); };
      isZero(() => c.get(l.r32)); isZero(() => f.pushSingle(insn.rs1));
      if (name === 'fmul') { isZero(() => f.pushSingle(insn.rs2)); c.op(w.i32_or); }
      c.op(w.i32_and); c.op(w.i32_eqz); this.#site.leaveIf(1);
      c.end();
    }
    this.#setSingle(insn.rd);
  }

  #fusedSingle(insn: Insn, name: string, facts: Facts): void {
    const c = this.#c, f = this.#f, l = this.#l;
    for (const i of new Set([insn.rs1, insn.rs2, insn.rs3])) this.#leaveUnlessBoxed(i, facts);
    const negates = name.startsWith('fn'), addend = (): void => { f.pushSingle(insn.rs3); if (negatesAddend(name)) c.op(w.f32_neg); };
    c.get(f.local(insn.rs1)); c.get(f.local(insn.rs2)); addend(); c.simd(w.f32x4_splat);
    c.simd(negates ? w.f32x4_relaxed_nmadd : w.f32x4_relaxed_madd); c.lane(w.f32x4_extract_lane); c.set(l.r32);
    c.open(w.block);
    this.#isSafeSingle(); c.brIf(0);
    // A sum of nothing: in doubles the product is exact, and the sum is 0 only if it is.
    c.get(l.r32); f32Const(c, 0); c.op(w.f32_eq);
    f.pushSingle(insn.rs1); c.op(w.f64_promote_f32); f.pushSingle(insn.rs2); c.op(w.f64_promote_f32); c.op(w.f64_mul);
    if (negates) c.op(w.f64_neg);
    addend(); c.op(w.f64_promote_f32); c.op(w.f64_add); f64Const(c, 0); c.op(w.f64_eq);
    c.op(w.i32_and); c.op(w.i32_eqz); this.#site.leaveIf(1);
    c.end();
    this.#setSingle(insn.rd);
  }

  #compare(insn: Insn, name: keyof typeof COMPARE, format: Format, facts: Facts): void {
    const c = this.#c, f = this.#f, isDouble = format === 'd', known = isDouble ? facts.numbers64 : facts.numbers32;
    const push = (i: number): void => (isDouble ? f.pushDouble(i) : f.pushSingle(i));
    for (const i of new Set([insn.rs1, insn.rs2])) {
      if (!isDouble) this.#leaveUnlessBoxed(i, facts);
      if (known >>> i & 1) continue;
      push(i); push(i); c.op(isDouble ? w.f64_ne : w.f32_ne); this.#site.leaveIf(0);
    }
    push(insn.rs1); push(insn.rs2); c.op(COMPARE[name][isDouble ? 0 : 1]); c.op(w.i64_extend_i32_u);
    this.#site.setRd(undefined);
  }

  /** Condition: the double in `v` is 0. */
  #isZero(v: Local): void { pushLane(this.#c, v); f64Const(this.#c, 0); this.#c.op(w.f64_eq); }

  /** fmv, fneg and fabs: the second operand is the first. */
  #copy(insn: Insn, name: string): void {
    const c = this.#c;
    c.get(this.#f.local(insn.rs1));
    if (name !== 'fsgnj') c.simd(name === 'fsgnjn' ? w.f64x2_neg : w.f64x2_abs);
    this.#f.set(insn.rd);
  }

  /** In version other the status is never that of nx: not 0 is another rounding mode. */
  #leaveUnlessNearest(insn: Insn): void {
    if (this.#version === 'nx' || insn.rm !== RM_DYN) return;
    this.#c.get(this.#status); this.#site.leaveIf(0);
  }

  #leaveUnlessBoxed(i: number, facts: Facts): void {
    if (facts.boxed >>> i & 1) return;
    const c = this.#c;
    c.get(this.#f.local(i)); c.lane(w.i32x4_extract_lane, 1); c.i32Const(-1); c.op(w.i32_ne); this.#site.leaveIf(0);
  }

  /** Condition: r32 is finite and certainly not tiny. */
  #isSafeSingle(): void {
    const c = this.#c;
    c.get(this.#l.r32); c.op(w.i32_reinterpret_f32); c.i32Const(1); c.op(w.i32_shl); c.i32Const(2 << 24); c.op(w.i32_sub); c.i32Const(253 << 24); c.op(w.i32_lt_u);
  }

  /** f[rd] = r32 in its box. */
  #setSingle(rd: number): void {
    const c = this.#c;
    c.allOnes(); c.get(this.#l.r32); c.lane(w.f32x4_replace_lane); this.#f.set(rd);
  }
}
