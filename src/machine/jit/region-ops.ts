// Semantics as translated code: operands are known, registers are wasm locals. An instruction that cannot go on leaves in front of its first effect.
import type { FloatSite, RoundingField } from '../fpu/fast.ts';
import { EXIT_ATOMIC, EXIT_GROUP_LOAD, EXIT_GROUP_STORE, EXIT_LOAD, EXIT_SLOW, EXIT_STORE } from '../hart/context.ts';
import { CSR_FFLAGS, CSR_FRM } from '../hart/csr.ts';
import { LOAD_OP, type MachineShape, roundingOf, STORE_OP } from '../hart/interp-ops.ts';
import { type Width, WIDTH_BYTES } from '../isa/ops.ts';
import { type Local, type OnStack, WasmOps } from '../isa/wasm-ops.ts';
import { CTX_X } from '../machine.ts';
import { isAlone, isOutOfRange, probeTlb } from '../mmu/tlb-code.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body, Label } from './body.ts';
import { Guesses } from './chases.ts';
import { infoOf } from './exit-info.ts';
import type { FloatFacts } from './float-facts.ts';
import { FloatRegisters } from './float-registers.ts';
import { FloatStatus } from './float-status.ts';
import type { Group } from './groups.ts';
import { KnownPages } from './known-pages.ts';
import type { Liveness } from './liveness.ts';
import { narrowOp } from './narrow-ops.ts';
import { ADD_IMM, FRD, IMM, LOAD, NEXT_PC, PC, PC_IMM, RD, type Recipe, RS1, RS2, STORE, SUM } from './recipes.ts';
import { Insn } from './insn.ts';
import { doAgain, type Step } from './recompute.ts';
import { reserve, storeConditional } from './reservation.ts';
import { RegionFloat, type StatusVersion } from './region-float.ts';
import type { Run } from './runs.ts';
import { shiftPair } from './shift-pairs.ts';
import { SP, SP_BIT } from './webs.ts';
import { makesNarrow } from './widths.ts';
import { X_NAMES } from '../isa/registers.ts';
import { XRegisters } from './x-registers.ts';

/** Parameters of a region's function, and the locals that its parts share. */
export const PAGE = 0, FUEL = 1, DEPTH = 2, PARAMS = 3, PARAM_NAMES = ['page', 'fuel', 'depth'];
export interface Shared {
  readonly tlb: Local;
  /** Virtual address of the access at hand. */
  readonly addr: Local;
  /** Where to go on. */
  readonly pc: Local;
  /** What an exit must know (exit-info.ts). */
  readonly info: Local;
}

/** Condition: the budget is spent. */
export const BUDGET_SPENT = Uint8Array.of(w.local_get, FUEL, w.i32_const, 0, w.i32_le_s);

/** Loads to and stores from an i32. */
type Narrow = Exclude<Width, 'u32' | 'i64'>;
const LOAD_32: Readonly<Record<Narrow, number>> = { i8: w.i32_load8_s, u8: w.i32_load8_u, i16: w.i32_load16_s, u16: w.i32_load16_u, i32: w.i32_load };
const STORE_32: Readonly<Record<Narrow, number>> = { i8: w.i32_store8, u8: w.i32_store8, i16: w.i32_store16, u16: w.i32_store16, i32: w.i32_store };

export class RegionOps extends WasmOps implements FloatSite {
  override readonly code: Body;
  rounding: RoundingField = 0;
  readonly #status: FloatStatus;
  readonly #pages: KnownPages;
  readonly #shape: MachineShape;
  readonly #s: Shared;
  #x: XRegisters;
  #beside: XRegisters | null = null;
  readonly #f: FloatRegisters;
  readonly #facts: FloatFacts;
  readonly #version: StatusVersion;
  readonly #host: Local;
  readonly #value: Local;
  readonly #value32: Local;
  readonly #translated: Local;
  #float: RegionFloat | null = null;
  #insn: Insn = new Insn(0);
  /** By base register: where its group has its host address. */
  readonly #hosts = new Int32Array(32).fill(-1);
  readonly #guesses: Guesses;
  #unexecuted = 0;
  readonly #groupProbe;
  /** Where the first check of each kind begins, and where it ends. */
  readonly #checks = new Int32Array(18);
  readonly #checkEnds = new Int32Array(18);
  #exit: Label = 0;

  constructor(code: Body, shape: MachineShape, shared: Shared, live: Liveness, facts: FloatFacts, version: StatusVersion) {
    super(code);
    this.code = code;
    this.#shape = shape;
    this.#s = shared;
    this.#x = new XRegisters(code, live.usedX);
    this.#f = new FloatRegisters(code, live.usedF);
    this.#facts = facts;
    this.#version = version;
    this.#status = new FloatStatus(code, shape.base, version);
    this.#host = code.local(w.i32, 'host');
    this.#value = code.local(w.i64, 'value');
    this.#value32 = code.local(w.i32, 'value32');
    this.#translated = code.local(w.i64, 'translated');
    this.#guesses = new Guesses(code);
    this.#groupProbe = { addr: shared.addr, tlb: shared.tlb, translated: this.#translated, entry: this.#value32 };
    this.#pages = new KnownPages(code, shape, shared, this.#x, { translated: this.#translated, host: this.#host, rounds: this.#value32, inPage: shared.info });
  }

  /** Loads registers from the context. */
  reload(x: number, f: number): void {
    this.#x.reload(x, this.#shape.base);
    this.#f.reload(f, this.#shape.base);
  }

  /** Stores registers to the context; those of `narrow` are narrow. */
  spill(x: number, f: number, narrow: number): void {
    this.#x.spill(x, narrow, this.#shape.base);
    this.#f.spill(f, this.#shape.base);
  }

  /** Does again what a loop's copy has not kept (recompute.ts), where the registers of `narrow` are narrow. */
  recompute(steps: readonly Step[], narrow: number): void {
    const own = this.#x, beside = this.#beside ??= new XRegisters(this.code, 0);
    doAgain(this.code, steps, { own, narrow, beside, zero: this.#shape.base + CTX_X }, insn => { this.#x = beside; this.instruction(insn, 0, 0); this.#x = own; });
  }

  /** Gives narrow registers their 64 bits. */
  widen(set: number): void { this.#x.widen(set); }

  /**
   * Emits `insn`. A branch leaves its condition on the stack, a computed jump its target in `pc`; other control flow is the caller's.
   */
  instruction(insn: Insn, unexecuted: number, exit: Label): void {
    this.#insn = insn;
    this.#unexecuted = unexecuted;
    this.#exit = exit;
    this.code.mark(insn.at);
    this.#x.narrow = insn.narrow;
    const { narrow, recipe, onlyWrites } = insn.facts;
    if (onlyWrites && insn.writesX === 0 || narrow !== null && narrowOp(this.code, this.#x, insn, narrow)) return;
    if (recipe !== null) this.#follow(recipe);
    else if (insn.facts.control === 'indirect') this.#jumpAndLink();
    else {
      this.freeTemps();
      insn.insn!.sem(this);
    }
  }

  #follow(recipe: Recipe): void {
    const c = this.code, insn = this.#insn;
    for (let i = 0; i < recipe.length; i++) {
      const step = recipe[i]!;
      if (step < RS1) { c.u8(step); continue; }
      switch (step) {
        case RS1: this.#x.push(insn.rs1); break;
        case RS2: this.#x.push(insn.rs2); break;
        case IMM: c.i64Const(insn.imm); break;
        case ADD_IMM: this.#addImm(); break;
        case SUM: this.#sum(); break;
        case PC: this.address(insn.at); break;
        case PC_IMM: this.address(insn.at + insn.imm); break;
        case NEXT_PC: this.nextPc(); break;
        case LOAD: this.load(); break;
        case STORE: this.store(); break;
        case RD: this.setRd(undefined); break;
        case FRD: this.setFrd(undefined); break;
      }
    }
  }

  #addImm(): void { if (this.#insn.imm !== 0) { this.code.i64Const(this.#insn.imm); this.code.op(w.i64_add); } }

  /** Compressed moves are sums with x0. */
  #sum(): void {
    const { rs1, rs2 } = this.#insn;
    if (rs1 !== 0) this.#x.push(rs1);
    if (rs2 !== 0 || rs1 === 0) this.#x.push(rs2);
    if (rs1 !== 0 && rs2 !== 0) this.code.op(w.i64_add);
  }

  /** The target has its own place: rd may be what it comes from. */
  #jumpAndLink(): void {
    this.rs1(); this.#addImm(); this.jumpTo(undefined);
    if (this.#insn.writesX !== 0) { this.nextPc(); this.setRd(undefined); }
  }

  /** Two instructions that are one thing (shift-pairs.ts). */
  shiftPair(left: Insn, right: Insn): void {
    this.code.mark(left.at);
    this.#x.narrow = left.narrow;
    shiftPair(this.code, this.#x, left, right);
  }

  /** Pushes an x register that is not narrow. */
  pushWide(x: number): void { this.#x.pushWide(x); }
  rs1(): OnStack { this.#x.push(this.#insn.rs1); }
  rs2(): OnStack { this.#x.push(this.#insn.rs2); }
  frs1Bits(): OnStack { this.#f.pushBits(this.#insn.rs1); }
  frs2Bits(): OnStack { this.#f.pushBits(this.#insn.rs2); }
  frs3Bits(): OnStack { this.#f.pushBits(this.#insn.rs3); }
  imm(): OnStack { this.code.i64Const(this.#insn.imm); }
  setRd(_v: OnStack): void {
    if (!makesNarrow(this.#insn)) { this.#x.set(this.#insn.rd); return; }
    if (this.#insn.facts.memory !== 'load') this.code.op(w.i32_wrap_i64);
    this.#x.set32(this.#insn.rd);
  }
  setFrd(_v: OnStack): void { this.#f.setBits(this.#insn.rd); }
  pc(): OnStack { this.address(this.#insn.at); }
  nextPc(): OnStack { this.address(this.#insn.at + this.#insn.length); }

  branch(_c: OnStack): void {}
  jump(): void {}
  jumpTo(_v: OnStack): void { this.code.i64Const(-2); this.code.op(w.i64_and); this.code.set(this.#s.pc); }

  /** Pushes the virtual address of a page offset. Code lies at even ones: one more says that no budget test is due. */
  address(at: number): void {
    const c = this.code;
    c.get(PAGE);
    if (at === 0) return;
    c.i64Const(at | 0, Math.floor(at / 2 ** 32)); c.op(w.i64_add);
  }

  /** Floating-point status: reads, and csrrw and csrrs of fflags. Leaves where the new status is for the other version. */
  system(): void {
    const c = this.code, { imm, rd, rs1, insn } = this.#insn;
    if (rs1 === 0 && insn!.name === 'csrrs') {
      this.#status.load();
      if (imm === CSR_FRM) { c.i32Const(5); c.op(w.i32_shr_u); }
      c.i32Const(imm === CSR_FFLAGS ? 31 : imm === CSR_FRM ? 7 : 255); c.op(w.i32_and); c.op(w.i64_extend_i32_u);
      this.setRd(undefined);
      return;
    }
    // gcc saves the flags around quiet comparisons, and restores what has not changed.
    if (rd === 0 && this.#facts.before(this.#insn).flags >>> rs1 & 1) return;
    this.#prepareExit(EXIT_SLOW);
    this.#status.load(); c.i32Const(31); c.op(w.i32_and); c.op(w.i64_extend_i32_u);
    const old = this.let(undefined);
    this.#status.load();
    if (insn!.name === 'csrrw') { c.i32Const(~31); c.op(w.i32_and); }
    this.rs1(); c.op(w.i32_wrap_i64); c.i32Const(31); c.op(w.i32_and); c.op(w.i32_or);
    this.#status.store(this.#host, this.#exit);
    this.get(old);
    this.setRd(undefined);
  }

  /** Begins the function: where the status is for the other version, hands over to it. */
  chooseVersion(otherwise: number | undefined): void {
    const c = this.code;
    this.#status.reload();
    if (otherwise === undefined) return;
    this.#status.hasChanged();
    c.open(w.if_);
    for (let i = 0; i < PARAMS; i++) c.get(i);
    c.callOwn(otherwise); c.op(w.return_);
    c.end();
  }

  /** Somebody else has run, and all is in the context: goes on at `at` by way of the other version where the status is no longer for this one. */
  checkVersion(at: number): void {
    const c = this.code;
    if (this.#version === 'any') return;
    this.#status.hasChanged();
    c.open(w.if_);
    c.get(FUEL); this.address(at + 1); c.op(w.return_);
    c.end();
    this.#status.reload();
  }

  /** A callee has come back: loads sp, condition: it is not what it was, where the registers of `narrow` were narrow. */
  hasSpChanged(narrow: number): void {
    this.#x.narrow = narrow;
    this.#x.push(SP);
    this.#x.reload(SP_BIT, this.#shape.base);
    this.#x.narrow = 0;
    this.#x.push(SP); this.code.op(w.i64_ne);
  }

  float(): void {
    const rounding = roundingOf(this.#insn.insn!);
    this.rounding = rounding === 0 ? 0 : this.#insn.rm as RoundingField;
    this.#float ??= new RegionFloat(this.code, this, this.#f, this.#shape.engine, this.#version, this.#status.local);
    this.#prepareExit(EXIT_SLOW);
    this.#float.emit(this.#insn, this.#facts.before(this.#insn));
  }
  rmField(): void { this.code.i32Const(this.#insn.rm); }
  /** As far as floating point looks at it. */
  fcsr(): void { this.#status.look(); }
  leaveIf(_nesting: number): void { this.code.toIf(this.#exit); }

  /** The access of the instruction at hand: pushes what is loaded. */
  load(): OnStack {
    const offset = this.#pushHost(EXIT_LOAD);
    this.#loadFrom(this.#insn.facts.width!, offset);
  }

  /** Doubles go to and from their locals directly. */
  #loadFrom(width: Width, offset: number): void {
    const c = this.code;
    if (this.#loadsNarrow()) c.mem(LOAD_32[width as Narrow], 0, offset);
    else if (width !== 'i64' || !this.#insn.facts.writesFrd) c.mem(LOAD_OP[width], 0, offset);
    else c.loadVector(offset);
  }

  #loadsNarrow(): boolean { return this.#insn.facts.memory === 'load' && makesNarrow(this.#insn); }

  store(): void {
    const c = this.code, { rs2, facts } = this.#insn, width = facts.width!, offset = this.#pushHost(EXIT_STORE);
    if (facts.usesF && width === 'i64') { c.get(this.#f.local(rs2)); c.simdMem(w.v128_store64_lane, 0, offset); return; }
    if (facts.usesF) { this.#f.pushBits(rs2); c.mem(STORE_OP[width], 0, offset); return; }
    if (width !== 'i64' && this.#x.isNarrow(rs2)) { this.#x.push32(rs2); c.mem(STORE_32[width as Narrow], 0, offset); return; }
    this.#x.push(rs2); c.mem(STORE_OP[width], 0, offset);
  }

  /** Pushes the host address that the instruction's is `offset` bytes beyond; answers `offset`. */
  #pushHost(exit: typeof EXIT_LOAD | typeof EXIT_STORE): number {
    const { group, base, imm } = this.#insn;
    if (base !== null) { this.#pages.push(base); return imm - base.min; }
    if (group !== null) { this.#pushGroup(group); return imm - group.min; }
    this.#prepareExit(exit);
    this.rs1(); this.#addImm();
    this.#translate(exit === EXIT_LOAD ? 0 : this.#shape.tlbEntries * 8, this.#insn.facts.bytes);
    this.code.get(this.#translated); this.code.op(w.i32_wrap_i64);
    return 0;
  }

  atomic(width: 'i32' | 'i64', _addr: OnStack, access: 'read' | 'write'): void {
    const c = this.code;
    this.#prepareExit(EXIT_ATOMIC);
    this.#check(access === 'read' ? 0 : this.#shape.tlbEntries * 8, WIDTH_BYTES[width]); c.toIf(this.#exit);
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.set(this.#host);
  }

  atomicLoad(width: 'i32' | 'i64'): OnStack { this.code.get(this.#host); this.code.mem(LOAD_OP[width], 0, 0); }

  atomicStore(width: 'i32' | 'i64', _v: OnStack): void {
    const c = this.code;
    c.set(this.#value);
    c.get(this.#host); c.get(this.#value); c.mem(STORE_OP[width], 0, 0);
  }

  reserve(_width: 'i32' | 'i64', _v: OnStack): void {
    this.code.set(this.#value);
    reserve(this.code, this.#shape.base, { addr: this.#s.addr, value: this.#value });
  }

  storeConditional(width: 'i32' | 'i64', _v: OnStack): OnStack {
    this.code.set(this.#value);
    storeConditional(this.code, this.#shape.base, { addr: this.#s.addr, host: this.#host, value: this.#value }, width);
  }

  /** Pushes the host address of a group's first byte; its first access checks all of it. */
  #pushGroup(group: Group): void {
    const c = this.code, { base, first, min, max, access, isKnown } = group;
    if (isKnown || first !== this.#insn) { c.get(this.#hosts[base]!); return; }
    if (this.#hosts[base] === -1) this.#hosts[base] = c.local(w.i32, `host.${X_NAMES[base]}`);
    const host = this.#hosts[base]!, rest = max - min - 1, table = access === 'read' ? 0 : this.#shape.tlbEntries * 8;
    this.#prepareExit(access === 'read' ? EXIT_GROUP_LOAD : EXIT_GROUP_STORE);
    this.#x.push(base);
    if (min !== 0) { c.i64Const(min); c.op(w.i64_add); }
    probeTlb(c, this.#shape, { ...this.#groupProbe, guess: this.#guesses.of(this.#insn) }, table); isOutOfRange(c, this.#shape, 1); c.toIf(this.#exit);
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.tee(host);
    c.i32Const(4095); c.op(w.i32_and); c.i32Const(4095 - rest); c.op(w.i32_gt_u);
    c.open(w.if_);
    // Two pages: good if they are neighbours in RAM too, which the kernel sees to.
    isAlone(c, this.#groupProbe, table); c.toIf(this.#exit);
    c.end();
    c.get(host);
  }

  /** Pushes how much fuel is spent before a run (known-pages.ts). The registers of `narrow` are narrow. */
  patience(run: Run, narrow: number): void { this.#x.narrow = narrow; this.#pages.patience(run); }

  /** Looks up the pages of a run. The registers of `narrow` are narrow. */
  startRun(run: Run, narrow: number, floor: Local, cannot: Label): void {
    this.#x.narrow = narrow;
    this.#pages.start(run, floor, cannot);
  }

  #prepareExit(code: number): void {
    this.code.i32Const(infoOf(code, this.#unexecuted, this.#insn.at));
    this.code.set(this.#s.info);
  }

  /** Pops the virtual address; condition: that many bytes cannot be had there. Keeps it, and the translated one. Without a guess the code is the same each time. */
  #check(table: number, bytes: number): void {
    const c = this.code, key = this.#insn.isChased ? 0 : table === 0 ? bytes : bytes + 9;
    if (key !== 0 && this.#checkEnds[key] !== 0) { c.repeat(this.#checks[key]!, this.#checkEnds[key]!); return; }
    this.#checks[key] = c.length;
    probeTlb(c, this.#shape, { addr: this.#s.addr, tlb: this.#s.tlb, translated: this.#translated, guess: this.#guesses.of(this.#insn) }, table);
    isOutOfRange(c, this.#shape, bytes);
    this.#checkEnds[key] = c.length;
  }

  #translate(table: number, bytes: number): void {
    const c = this.code;
    this.#check(table, bytes);
    if (bytes === 1 || !this.#insn.isMisaligned) { c.toIf(this.#exit); return; }
    c.open(w.if_);
    c.get(this.#translated); c.i64Const(this.#shape.ramSize | 0, 0); c.op(w.i64_ge_u); c.toIf(this.#exit);
    c.get(this.#translated); c.op(w.i32_wrap_i64); c.i32Const(4095); c.op(w.i32_and); c.i32Const(4096 - bytes); c.op(w.i32_gt_u); c.toIf(this.#exit);
    c.end();
  }
}
