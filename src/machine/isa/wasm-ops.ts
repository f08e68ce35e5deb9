// The value half of `Ops` as WebAssembly: values lie on the wasm stack, names are wasm locals. Interpreter and translator add operands, memory and control.
import type { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';
import type { Ops, SystemOp, Width } from './ops.ts';

/** A value on top of the wasm stack: i64, or i32 for a condition. There is nothing to hold, only an order to keep. */
export type OnStack = undefined;
/** A wasm local. */
export type Local = number;

export abstract class WasmOps implements Ops<OnStack, OnStack, Local> {
  readonly code: Code;
  /** Locals that `let` hands out, by order of use; freed by `begin`. */
  readonly #temps: Local[] = [];
  #used = 0;

  constructor(code: Code) { this.code = code; }

  abstract rs1(): OnStack;
  abstract rs2(): OnStack;
  abstract imm(): OnStack;
  abstract setRd(v: OnStack): void;
  abstract pc(): OnStack;
  abstract nextPc(): OnStack;
  abstract branch(c: OnStack): void;
  abstract jump(): void;
  abstract jumpTo(v: OnStack): void;
  abstract system(op: SystemOp): void;
  abstract load(width: Width, addr: OnStack): OnStack;
  abstract store(width: Width, addr: OnStack, v: OnStack): void;
  abstract atomic(width: 'i32' | 'i64', addr: OnStack, access: 'read' | 'write'): void;
  abstract atomicLoad(width: 'i32' | 'i64'): OnStack;
  abstract atomicStore(width: 'i32' | 'i64', v: OnStack): void;
  abstract reserve(width: 'i32' | 'i64', v: OnStack): void;
  abstract storeConditional(width: 'i32' | 'i64', v: OnStack): OnStack;
  abstract frs1Bits(): OnStack;
  abstract frs2Bits(): OnStack;
  abstract setFrd(bits: OnStack): void;
  abstract float(): void;

  /** Start of an instruction: its temporaries may be reused by the next one. */
  protected freeTemps(): void { this.#used = 0; }

  const(lo: number, hi?: number): OnStack { this.code.i64Const(lo, hi); }
  let(_v: OnStack): Local {
    if (this.#used === this.#temps.length) this.#temps.push(this.code.local(w.i64));
    const l = this.#temps[this.#used++]!;
    this.code.set(l);
    return l;
  }
  get(l: Local): OnStack { this.code.get(l); }

  add(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_add); }
  sub(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_sub); }
  mul(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_mul); }
  and(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_and); }
  or(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_or); }
  xor(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_xor); }
  shl(_a: OnStack, _n: OnStack): OnStack { this.code.op(w.i64_shl); }
  shrS(_a: OnStack, _n: OnStack): OnStack { this.code.op(w.i64_shr_s); }
  shrU(_a: OnStack, _n: OnStack): OnStack { this.code.op(w.i64_shr_u); }
  rotl(_a: OnStack, _n: OnStack): OnStack { this.code.op(w.i64_rotl); }
  rotr(_a: OnStack, _n: OnStack): OnStack { this.code.op(w.i64_rotr); }
  clz(_a: OnStack): OnStack { this.code.op(w.i64_clz); }
  ctz(_a: OnStack): OnStack { this.code.op(w.i64_ctz); }
  popcnt(_a: OnStack): OnStack { this.code.op(w.i64_popcnt); }
  sext8(_a: OnStack): OnStack { this.code.op(w.i64_extend8_s); }
  sext16(_a: OnStack): OnStack { this.code.op(w.i64_extend16_s); }
  sext32(_a: OnStack): OnStack { this.code.op(w.i64_extend32_s); }
  zext32(_a: OnStack): OnStack { this.code.op(w.i32_wrap_i64); this.code.op(w.i64_extend_i32_u); }
  eq(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_eq); }
  ne(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_ne); }
  ltS(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_lt_s); }
  ltU(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_lt_u); }
  geS(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_ge_s); }
  geU(_a: OnStack, _b: OnStack): OnStack { this.code.op(w.i64_ge_u); }
  bool(_c: OnStack): OnStack { this.code.op(w.i64_extend_i32_u); }
  select(_a: OnStack, _b: OnStack, _c: OnStack): OnStack { this.code.op(w.select); }
  nop(): void {}

  /** Schoolbook on 32-bit halves: wasm has no wide multiplication. */
  mulHighU(_a: OnStack, _b: OnStack): OnStack {
    const c = this.code;
    const b = this.let(undefined), a = this.let(undefined), low = this.let(this.#halves(a, false, b, false, w.i64_mul));
    // mid = aHi * bLo + (low >> 32): no carry is lost, the sum stays below 2^64.
    this.#halves(a, true, b, false, w.i64_mul);
    c.get(low); c.i64Const(32); c.op(w.i64_shr_u); c.op(w.i64_add);
    const mid = this.let(undefined);
    this.#halves(a, true, b, true, w.i64_mul);
    c.get(mid); c.i64Const(32); c.op(w.i64_shr_u); c.op(w.i64_add);
    this.#halves(a, false, b, true, w.i64_mul);
    c.get(mid); c.i64Const(-1, 0); c.op(w.i64_and); c.op(w.i64_add);
    c.i64Const(32); c.op(w.i64_shr_u); c.op(w.i64_add);
  }

  divU(_a: OnStack, _b: OnStack): OnStack { this.#unlessZero(w.i64_div_u, 'all ones'); }
  remU(_a: OnStack, _b: OnStack): OnStack { this.#unlessZero(w.i64_rem_u, 'dividend'); }

  /** wasm traps on -2^63 / -1; negating is the same for every dividend by -1. */
  divS(_a: OnStack, _b: OnStack): OnStack {
    const c = this.code;
    const b = this.let(undefined), a = this.let(undefined);
    c.get(b); c.i64Const(-1); c.op(w.i64_eq);
    c.open(w.if_, w.i64);
    c.i64Const(0); c.get(a); c.op(w.i64_sub);
    c.op(w.else_);
    c.get(a); c.get(b);
    this.#unlessZero(w.i64_div_s, 'all ones');
    c.end();
  }

  /** wasm defines -2^63 % -1 as 0, as RISC-V does. */
  remS(_a: OnStack, _b: OnStack): OnStack { this.#unlessZero(w.i64_rem_s, 'dividend'); }

  #unlessZero(opcode: number, otherwise: 'all ones' | 'dividend'): void {
    const c = this.code;
    const b = this.let(undefined), a = this.let(undefined);
    c.get(b); c.op(w.i64_eqz);
    c.open(w.if_, w.i64);
    if (otherwise === 'dividend') c.get(a);
    else c.i64Const(-1);
    c.op(w.else_);
    c.get(a); c.get(b); c.op(opcode);
    c.end();
  }

  /** op(half of a, half of b). */
  #halves(a: Local, aHigh: boolean, b: Local, bHigh: boolean, opcode: number): OnStack {
    this.#half(a, aHigh);
    this.#half(b, bHigh);
    this.code.op(opcode);
  }

  #half(v: Local, high: boolean): void {
    this.code.get(v);
    if (high) { this.code.i64Const(32); this.code.op(w.i64_shr_u); }
    else { this.code.i64Const(-1, 0); this.code.op(w.i64_and); }
  }
}
