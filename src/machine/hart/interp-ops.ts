// Semantics as interpreter handlers: operands come from the decoded op at run time. Handlers contain no call: V8 would then keep no local in a register
// anywhere in the loop (design notes, "memory"), so whatever needs JavaScript leaves through an exit label before its first effect.
import type { Engine } from '../engine.ts';
import { FastFloat, type FloatSite, type RoundingField } from '../fpu/fast.ts';
import type { Instruction } from '../isa/table.ts';
import { type SystemOp, type Width, WIDTH_BYTES } from '../isa/ops.ts';
import { type Local, type OnStack, WasmOps } from '../isa/wasm-ops.ts';
import { CTX_F, CTX_FCSR, CTX_X } from '../machine.ts';
import type { Code } from '../wasm/code.ts';
import { isOutOfRange, probeTlb } from '../mmu/tlb-code.ts';
import * as w from '../wasm/opcodes.ts';
import { CTX_RESERVED, CTX_RESERVED_VALUE } from './context.ts';
import type { LabelStack } from './labels.ts';
import { OP_A, OP_B, OP_IMM, OP_RM, OP_RS2, OP_RS3 } from './op.ts';
import type { Pair, Variant } from './variants.ts';

/** Parameters and locals that all handlers share. */
export interface Shared {
  readonly op: Local;
  readonly ops: Local;
  readonly fuel: Local;
  readonly tlb: Local;
  readonly page: Local;
  readonly addr: Local;
  /** Where the last jump within the page went: above 0 is forward, where no budget test is due. */
  readonly way: Local;
}

export interface MachineShape {
  /** Physical address of the hart context. */
  readonly base: number;
  readonly ramSize: number;
  readonly tlbEntries: number;
  readonly engine: Engine;
}

export const LOAD_OP: Readonly<Record<Width, number>> = {
  i8: w.i64_load8_s, u8: w.i64_load8_u, i16: w.i64_load16_s, u16: w.i64_load16_u, i32: w.i64_load32_s, u32: w.i64_load32_u, i64: w.i64_load,
};
export const STORE_OP: Readonly<Record<Width, number>> = {
  i8: w.i64_store8, u8: w.i64_store8, i16: w.i64_store16, u16: w.i64_store16, i32: w.i64_store32, u32: w.i64_store32, i64: w.i64_store,
};

/** The rounding modes that a row's handler takes; the decoder sends the others to the slow path. */
export function roundingOf(insn: Instruction): RoundingField {
  if (insn.encoding.fields.rm === undefined) return 0;
  return /^fcvt\.(w|wu|l|lu)\./.test(insn.name) ? 'any' : '0 or 7';
}

export class InterpOps extends WasmOps implements FloatSite {
  rounding: RoundingField = 0;
  readonly #float: FastFloat;
  readonly #s: Shared;
  readonly #labels: LabelStack;
  readonly #shape: MachineShape;
  readonly #translated: Local;
  readonly #value: Local;
  readonly #host: Local;
  #v: Variant | null = null;
  #hasEffect = false;
  #leaves = false;
  /** How many labels `if` adds around the current position. */
  #nesting = 0;

  constructor(code: Code, shared: Shared, labels: LabelStack, shape: MachineShape) {
    super(code);
    this.#float = new FastFloat(code, shape.engine);
    this.#s = shared;
    this.#labels = labels;
    this.#shape = shape;
    this.#translated = code.local(w.i64);
    this.#value = code.local(w.i64);
    this.#host = code.local(w.i32);
  }

  /** Emits a handler, up to and including the way to the next op. */
  handler(what: Variant | Pair): void {
    if ('insn' in what) {
      this.#body(what);
    } else {
      const c = this.code, { fuel } = this.#s;
      this.#body(what.first);
      this.#advance();
      c.get(fuel); c.i32Const(1); c.op(w.i32_sub); c.set(fuel);
      this.#body(what.second);
    }
    if (this.#leaves) return;
    this.#advance();
    this.code.br(this.#labels.depth('next'));
  }

  #body(v: Variant): void {
    this.#v = v;
    this.#hasEffect = this.#leaves = false;
    this.freeTemps();
    // The destination's address goes below everything else on the stack; setRd is then one store.
    if (v.insn.encoding.fields.rd !== undefined && v.rd === 'used') this.#byte(OP_A);
    v.insn.sem(this);
  }

  rs1(): OnStack { this.#register(OP_B, CTX_X); }
  rs2(): OnStack { this.#register(this.#rs2At(), CTX_X); }
  frs1Bits(): OnStack { this.#register(OP_B, CTX_F); }
  frs2Bits(): OnStack { this.#register(this.#rs2At(), CTX_F); }
  imm(): OnStack { this.code.get(this.#s.op); this.code.mem(w.i64_load32_s, 2, OP_IMM); }

  setRd(_v: OnStack): void {
    const c = this.code;
    if (this.#v!.rd === 'x0') { c.op(w.drop); return; }
    c.mem(w.i64_store, 3, this.#shape.base + CTX_X);
    if (!this.#hasEffect) return;
    // An instruction with effects cannot be decoded to a no-op when rd is x0.
    c.i32Const(0); c.i64Const(0); c.mem(w.i64_store, 3, this.#shape.base + CTX_X);
  }

  setFrd(_v: OnStack): void { this.code.mem(w.i64_store, 3, this.#shape.base + CTX_F); }

  /** The decoder has added the page offset to the immediate of rows that use pc. */
  pc(): OnStack { this.code.get(this.#s.page); }

  nextPc(): OnStack {
    const c = this.code;
    this.#pcOfOp();
    c.i64Const(this.#v!.length); c.op(w.i64_add);
  }

  branch(_c: OnStack): void {
    this.code.open(w.if_);
    this.#nesting++;
    this.jump();
    this.#nesting--;
    this.code.end();
    this.#leaves = false;
  }

  jump(): void {
    const c = this.code, { op, addr, way } = this.#s;
    this.#leaves = true;
    if (this.#v!.reach === 'near') {
      c.get(op); c.get(op); c.mem(w.i32_load, 2, OP_IMM); c.tee(way); c.op(w.i32_add); c.set(op);
      this.#continueWithFuel();
    } else {
      this.#pcOfOp(); this.imm(); c.op(w.i64_add); c.set(addr);
      c.br(this.#labels.depth('jump') + this.#nesting);
    }
  }

  jumpTo(_v: OnStack): void {
    const c = this.code, { op, ops, page, addr, way } = this.#s;
    this.#leaves = true;
    c.i64Const(-2); c.op(w.i64_and); c.tee(addr);
    c.get(page); c.op(w.i64_sub); c.tee(this.#translated);
    c.i64Const(4096); c.op(w.i64_ge_u); c.brIf(this.#labels.depth('jump'));
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.i32Const(2); c.op(w.i32_shl); c.get(ops); c.op(w.i32_add); c.set(op);
    c.i32Const(0); c.set(way);
    this.#continueWithFuel();
  }

  /** csrrw and csrrs of fflags: compilers put them around quiet comparisons, and libm around roundings. */
  system(_op: SystemOp): void {
    const c = this.code, at = this.#shape.base + CTX_FCSR;
    this.#hasEffect = true;
    this.fcsr(); c.i32Const(31); c.op(w.i32_and); c.op(w.i64_extend_i32_u);
    const old = this.let(undefined);
    c.i32Const(0);
    this.fcsr();
    if (this.#v!.insn.name === 'csrrw') { c.i32Const(~31); c.op(w.i32_and); }
    this.rs1(); c.op(w.i32_wrap_i64); c.i32Const(31); c.op(w.i32_and); c.op(w.i32_or);
    c.mem(w.i32_store, 2, at);
    this.get(old);
    this.setRd(undefined);
  }


  float(): void {
    this.#hasEffect = true;
    this.rounding = roundingOf(this.#v!.insn);
    this.#float.emit(this.#v!.insn.name, this);
  }

  frs3Bits(): void { this.#register(OP_RS3, CTX_F); }
  rmField(): void { this.#byte(OP_RM); }
  fcsr(): void { this.code.i32Const(0); this.code.mem(w.i32_load, 2, this.#shape.base + CTX_FCSR); }
  leaveIf(nesting: number): void { this.code.brIf(this.#labels.depth('slow') + nesting); }

  load(width: Width, _addr: OnStack): OnStack {
    const c = this.code;
    this.#hasEffect = true;
    this.#translate(0, WIDTH_BYTES[width], this.#labels.depth('missLoad'));
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.mem(LOAD_OP[width], 0, 0);
  }

  store(width: Width, _addr: OnStack, _v: OnStack): void {
    const c = this.code;
    c.set(this.#value);
    this.#translate(this.#shape.tlbEntries * 8, WIDTH_BYTES[width], this.#labels.depth('missStore'));
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.get(this.#value); c.mem(STORE_OP[width], 0, 0);
  }

  atomic(width: 'i32' | 'i64', _addr: OnStack, access: 'read' | 'write'): void {
    const c = this.code;
    this.#hasEffect = true;
    this.#probe(access === 'read' ? 0 : this.#shape.tlbEntries * 8);
    this.#outOfRange(WIDTH_BYTES[width]); c.brIf(this.#labels.depth('missAtomic'));
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.set(this.#host);
  }

  atomicLoad(width: 'i32' | 'i64'): OnStack { this.code.get(this.#host); this.code.mem(LOAD_OP[width], 0, 0); }

  atomicStore(width: 'i32' | 'i64', _v: OnStack): void {
    const c = this.code;
    c.set(this.#value);
    c.get(this.#host); c.get(this.#value); c.mem(STORE_OP[width], 0, 0);
  }

  reserve(_width: 'i32' | 'i64', _v: OnStack): void {
    const c = this.code;
    c.set(this.#value);
    c.i32Const(0); c.get(this.#value); c.mem(w.i64_store, 3, this.#shape.base + CTX_RESERVED_VALUE);
    c.i32Const(0); c.get(this.#s.addr); c.mem(w.i64_store, 3, this.#shape.base + CTX_RESERVED);
  }

  storeConditional(width: 'i32' | 'i64', _v: OnStack): OnStack {
    const c = this.code, { base } = this.#shape;
    c.set(this.#value);
    c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_RESERVED); c.get(this.#s.addr); c.op(w.i64_eq);
    c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_RESERVED_VALUE); this.atomicLoad(width); c.op(w.i64_eq);
    c.op(w.i32_and);
    c.open(w.if_, w.i64);
    c.get(this.#host); c.get(this.#value); c.mem(STORE_OP[width], 0, 0);
    c.i64Const(0);
    c.op(w.else_);
    c.i64Const(1);
    c.end();
    c.i32Const(0); c.i64Const(-1); c.mem(w.i64_store, 3, base + CTX_RESERVED);
  }

  /** Stores and branches have no rd, and keep rs2 in its place: their immediate needs the rest. */
  #rs2At(): number { return this.#v!.insn.encoding.fields.rd === undefined ? OP_A : OP_RS2; }

  #byte(at: number): void { this.code.get(this.#s.op); this.code.mem(w.i32_load8_u, 0, at); }

  #register(at: number, file: number): void {
    this.#byte(at);
    this.code.mem(w.i64_load, 3, this.#shape.base + file);
  }

  #advance(): void {
    const c = this.code, { op } = this.#s;
    c.get(op); c.i32Const(this.#v!.length * 4); c.op(w.i32_add); c.set(op);
  }

  #pcOfOp(): void {
    const c = this.code, { op, ops, page } = this.#s;
    c.get(page);
    c.get(op); c.get(ops); c.op(w.i32_sub); c.i32Const(2); c.op(w.i32_shr_u); c.op(w.i64_extend_i32_u);
    c.op(w.i64_add);
  }

  #continueWithFuel(): void {
    const c = this.code;
    c.get(this.#s.fuel); c.i32Const(0); c.op(w.i32_gt_s); c.brIf(this.#labels.depth('next') + this.#nesting);
    c.br(this.#labels.depth('fuelOut') + this.#nesting);
  }

  #probe(table: number): void { probeTlb(this.code, this.#shape, { addr: this.#s.addr, tlb: this.#s.tlb, translated: this.#translated }, table); }
  #outOfRange(bytes: number): void { isOutOfRange(this.code, this.#shape, bytes); }

  #translate(table: number, bytes: number, miss: number): void {
    const c = this.code;
    this.#probe(table);
    this.#outOfRange(bytes);
    if (bytes === 1) { c.brIf(miss); return; }
    c.open(w.if_);
    c.get(this.#translated); c.i64Const(this.#shape.ramSize | 0, 0); c.op(w.i64_ge_u); c.brIf(miss + 1);
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.i32Const(4095); c.op(w.i32_and); c.i32Const(4096 - bytes); c.op(w.i32_gt_u); c.brIf(miss + 1);
    c.end();
  }
}
