// One RV64GC hart: the loop around generated code. It finds the code for pc, enters it, and deals with the reason why it came back: TLB misses, accesses
// across pages, CSRs, inexact floating point, system calls. A trap leaves pc on an instruction that has had no effect; instructions are counted exactly.
import { type Engine, MADE_ANEW, type ModuleSource, probeEngine } from '../engine.ts';
import { FP_OPS, Fpu } from '../fpu/fpu.ts';
import { decode, Decoded } from '../isa/decode.ts';
import { WIDTH_BYTES } from '../isa/ops.ts';
import type { Instruction } from '../isa/table.ts';
import { traitsOf } from '../isa/traits.ts';
import {
  ACCESS_READ, ACCESS_WRITE, type Clock, CTX_PC, CTX_SIZE, type EcallHandler, type Hart, TRAP_BREAKPOINT, TRAP_BUDGET, TRAP_ECALL, TRAP_FETCH_FAULT,
  TRAP_ILLEGAL, TRAP_LOAD_FAULT, TRAP_MISALIGNED, TRAP_STORE_FAULT, type Trap,
} from '../machine.ts';
import { MmuImpl, REFILL_CODE, REFILL_FAULT } from '../mmu/mmu.ts';
import type { RamImpl } from '../ram.ts';
import { CodeCache } from './code-cache.ts';
import {
  CTX_ADDRESS, CTX_EXIT, CTX_FUEL, CTX_RESERVED, CTX_SLICE, CTX_SPACE, CTX_STRETCH, CTX_TLB, EXIT_AGAIN, EXIT_ATOMIC, EXIT_ECALL, EXIT_FUEL, EXIT_GROUP_LOAD, EXIT_GROUP_STORE,
  EXIT_LOAD, EXIT_SAMPLE, EXIT_STORE, EXIT_TRANSLATED, EXIT_UNWIND,
} from './context.ts';
import { executeCsr } from './csr.ts';
import { Decoder } from './decoder.ts';
import { createInterpreter, type Interpret } from './interpreter.ts';
import { accessAcrossPages } from './misaligned.ts';
import { H_TRANSLATED, H_UNDECODED } from './op.ts';
import type { Loss, Tier, TierHost } from './tier.ts';

/** What a system call costs more from the interpreter than from translated code, in instructions of the interpreter. */
const CALL_LOSES = 15;

/** V8 replaces baseline by optimized code only on entry: come back every so often. */
const ENTRY_FUEL = 1_000_000;
/** No trap: the loop continues at pc. */
const GO_ON = -1;
/** A fence.i for more pages is one for all. */
const PAGES_ONE_BY_ONE = 64;
const PC_LO = CTX_PC / 4, PC_HI = PC_LO + 1;

/** Creates the machine's hart. Its generated code is specific to its context's address, the RAM's size and the engine. */
export function createHart(ram: RamImpl, clock: Clock, engine: Engine = probeEngine(), modules: ModuleSource = MADE_ANEW): HartImpl {
  return new HartImpl(ram, clock, engine, modules, 0);
}

export class HartImpl implements Hart, TierHost {
  readonly id: number;
  readonly engine: Engine;
  readonly base: number;
  readonly x: Int32Array;
  readonly mmu: MmuImpl;
  tval = 0;
  ecalls = 0;
  readonly #ram: RamImpl;
  readonly #clock: Clock;
  readonly #i32: Int32Array;
  readonly #code: CodeCache;
  readonly #decoder: Decoder;
  readonly interpret: Interpret;
  readonly #fpu: Fpu;
  readonly #d = new Decoded();
  #tier: Tier | null = null;
  /** Instructions given to the tier and not yet accounted for. */
  #granted = 0;
  #ecall: EcallHandler = { ecall: () => 1 };
  #retired = 0;
  /** Instructions that may still retire in this run. */
  #left = 0;
  /** How often another address space became the active one. */
  #switches = 0;

  constructor(ram: RamImpl, clock: Clock, engine: Engine, modules: ModuleSource, id: number) {
    if (id !== 0) throw new RangeError('the RAM layout has room for one hart');
    this.id = id;
    this.engine = engine;
    this.base = ram.layout.harts + id * 4096;
    this.#ram = ram;
    this.#clock = clock;
    this.#i32 = ram.i32;
    this.x = ram.i32.subarray(this.base >>> 2, (this.base + CTX_SIZE) >>> 2);
    this.#code = new CodeCache(ram);
    this.#decoder = new Decoder(ram);
    this.mmu = new MmuImpl(ram, this.#code);
    this.#fpu = new Fpu(ram, this.base);
    this.interpret = createInterpreter(ram, this.base, engine, modules);
    this.clearReservation();
  }

  get instret(): number { return this.#retired; }

  run(budget: number): Trap {
    const { x } = this;
    this.#left = budget;
    x[PC_LO] = x[PC_LO]! & ~1;
    for (;;) {
      const ops = this.#findCode(x[PC_HI]!, x[PC_LO]!);
      if (ops === 0) return this.#fault(TRAP_FETCH_FAULT, x[PC_HI]!, x[PC_LO]!);
      const exit = this.#tier === null ? this.#interpretFor(ops + (x[PC_LO]! & 4095) * 4, ops, ENTRY_FUEL) : this.#runTier(this.#tier);
      if (exit === EXIT_FUEL) {
        if (this.#left <= 0) return TRAP_BUDGET;
      } else if (exit >= EXIT_LOAD && exit !== EXIT_AGAIN && exit !== EXIT_SAMPLE && exit !== EXIT_TRANSLATED) {
        const trap = this.#handle(exit);
        if (trap !== GO_ON) return trap;
      }
    }
  }

  limitBudget(n: number): void { this.#left = Math.min(this.#left, n); }

  clearReservation(): void {
    this.#i32[this.base + CTX_RESERVED >>> 2] = -1;
    this.#i32[this.base + CTX_RESERVED + 4 >>> 2] = -1;
  }

  activate(rootPfn: number): void {
    if (rootPfn !== this.mmu.rootPfn) this.#switches++;
    this.mmu.activate(rootPfn);
    this.#i32[this.base + CTX_TLB >>> 2] = this.mmu.tlb.activeBase;
    this.#i32[this.base + CTX_SPACE >>> 2] = 0;
    this.#i32[this.base + CTX_SPACE + 4 >>> 2] = this.mmu.tlb.active << 20;
  }

  setEcallHandler(handler: EcallHandler): void { this.#ecall = handler; }
  invalidateCode(pfn: number, why?: Loss): void { this.#code.drop(pfn, why); }
  staleCode(): number[] { return this.#code.stale(); }
  /** User stores and translate(WRITE) drop decoded code at once; this is for writes that went around them. Programs that translate call it thousands of times a second. */
  fenceI(start = 0, end = Infinity): void {
    const first = Math.floor(start / 4096), last = Math.ceil(end / 4096);
    if (!(last >= first && last - first <= PAGES_ONE_BY_ONE)) { this.#code.recheckAll(); return; }
    for (let page = first; page < last; page++) {
      const pfn = this.mmu.fetchFrame(page * 4096 / 2 ** 32 | 0, page * 4096 | 0);
      if (pfn >= 0) this.#code.recheck(pfn);
    }
  }

  /** Puts a faster tier in front of the interpreter. */
  setTier(tier: Tier): void { this.#tier = this.#code.tier = tier; }

  /** Decoded page of an address with at least one op there, or 0 if fetching faults. */
  #findCode(hi: number, lo: number): number {
    const { active } = this.mmu.tlb;
    let ops = this.#code.lookup(active, hi, lo);
    if (ops === 0) {
      const pfn = this.mmu.fetchFrame(hi, lo);
      if (pfn < 0) return 0;
      ops = this.#decodedPageOf(pfn);
      // Where there is little room, the pages around it may have taken its place.
      if (this.#tier !== null && this.#tier.entered((hi >>> 0) * 2 ** 20 + (lo >>> 12), pfn)) ops = this.#decodedPageOf(pfn);
      this.#code.enter(active, hi, lo, ops);
    }
    const offset = lo & 4095;
    if (this.#ram.u16[ops + offset * 4 >>> 1] === H_UNDECODED) this.#decoder.decodeRun(ops, this.#code.frameAt(ops), offset);
    return ops;
  }

  #runTier(tier: Tier): number {
    this.#granted = Math.min(this.#left, ENTRY_FUEL);
    const exit = tier.run(this.#granted);
    this.#settle(this.#granted);
    if (exit === EXIT_SAMPLE || exit === EXIT_FUEL) {
      this.#observe(tier, exit);
      tier.rest();
    } else if (exit === EXIT_ECALL) {
      this.#sampleAtCall(tier);
    }
    return exit;
  }

  /** What calls the system from the interpreter loses more than instructions, and is never met where slices end: behind a jump. */
  #sampleAtCall(tier: Tier): void {
    const i32 = this.#i32, slice = this.base + CTX_SLICE >>> 2;
    i32[slice] = i32[slice]! - CALL_LOSES;
    if (i32[slice]! > 0) return;
    this.#observe(tier, EXIT_SAMPLE);
    tier.rest();
  }

  /** What is worth a translation: where translated code left to what was interpreted, since it is from there that interpreting goes on and on, or else pc. */
  #observe(tier: Tier, exit: number): void {
    const i32 = this.#i32, stretch = this.base + CTX_STRETCH >>> 2, left = i32[stretch + 1] !== -1 && exit === EXIT_SAMPLE;
    const lo = left ? i32[stretch]! : this.x[PC_LO]!, hi = left ? i32[stretch + 1]! : this.x[PC_HI]!;
    const ops = this.#findCode(hi, lo);
    if (ops === 0) return;
    const offset = lo & 4095, op = ops + offset * 4, why = exit === EXIT_FUEL && i32[stretch] === -2 ? 'resumed' : 'sampled';
    if (this.#ram.u16[op >>> 1] !== H_TRANSLATED) tier.observe((hi >>> 0) * 2 ** 20 + (lo >>> 12), this.#code.frameAt(ops), offset, why);
  }

  codeFrame(vpage: number): number {
    const pfn = this.mmu.fetchFrame(Math.floor(vpage / 2 ** 20) | 0, vpage % 2 ** 20 << 12);
    if (pfn < 0) return -1;
    this.#decodedPageOf(pfn);
    return pfn;
  }

  /** Stores to the frame are seen from now on. */
  #decodedPageOf(pfn: number): number {
    if (!this.#code.has(pfn)) this.mmu.tlb.protect(pfn);
    return this.#code.pageOf(pfn);
  }

  sumOf(pfn: number): number { return this.#code.sumOf(pfn); }

  decodedPage(pfn: number): number { return this.#code.has(pfn) ? this.#code.pageOf(pfn) : 0; }

  get space(): number { return this.mmu.tlb.active; }
  get changes(): number { return this.#code.flushes + this.mmu.tlb.revocations; }

  /**
   * A system call from translated code. It goes on there only if everything is as it was: no budget spent, no address space changed, nothing unmapped or
   * invalidated that callers further down the engine's stack may be in.
   */
  ecallFromTier(fuel: number): number {
    const i32 = this.#i32, { changes } = this, switches = this.#switches;
    i32[this.base + CTX_FUEL >>> 2] = fuel;
    this.#settle(this.#granted);
    this.ecalls++;
    const unwinds = this.#ecall.ecall() !== 0;
    this.#granted = Math.min(this.#left, fuel);
    if (!unwinds && this.#left > 0 && changes === this.changes && switches === this.#switches) return this.#granted;
    this.#granted = 0;
    i32[this.base + CTX_EXIT >>> 2] = unwinds ? EXIT_UNWIND : this.#left <= 0 ? EXIT_FUEL : EXIT_AGAIN;
    return 0;
  }

  /** Runs the interpreter, at most for `limit` instructions. */
  #interpretFor(op: number, ops: number, limit: number): number {
    const fuel = Math.min(this.#left, limit);
    const exit = this.interpret(op, ops, fuel);
    this.#settle(fuel);
    return exit;
  }

  /** Settles the account of instructions of generated code that got `fuel`. */
  #settle(fuel: number): void {
    const used = fuel - this.#i32[this.base + CTX_FUEL >>> 2]!;
    this.#retired += used;
    this.#left -= used;
  }

  #handle(exit: number): Trap | typeof GO_ON {
    const lo = this.#i32[this.base + CTX_ADDRESS >>> 2]!, hi = this.#i32[this.base + CTX_ADDRESS + 4 >>> 2]!;
    switch (exit) {
      case EXIT_UNWIND: return TRAP_ECALL;
      case EXIT_LOAD: return this.#access(hi, lo, ACCESS_READ);
      case EXIT_STORE: return this.#access(hi, lo, ACCESS_WRITE);
      case EXIT_ATOMIC: return this.#atomic(hi, lo);
      case EXIT_ECALL: return this.#systemCall();
      case EXIT_GROUP_LOAD: return this.#group(hi, lo, ACCESS_READ);
      case EXIT_GROUP_STORE: return this.#group(hi, lo, ACCESS_WRITE);
      default: return this.#slow();
    }
  }

  /** An ecall does not retire (Privileged ISA, "Environment Call and Breakpoint"). It is one of the places where the budget is looked at. */
  #systemCall(): Trap | typeof GO_ON {
    this.ecalls++;
    if (this.#ecall.ecall() !== 0) return TRAP_ECALL;
    return this.#left <= 0 ? TRAP_BUDGET : GO_ON;
  }

  /**
   * Accesses from hi:lo on that translated code takes for neighbours in RAM are not, or not in the TLB. The instruction at pc, the first of them, is done here. What it does not
   * touch itself is looked up beforehand; where that cannot be had, or not side by side, translated code is not to ask for it many times.
   */
  #group(hi: number, lo: number, access: typeof ACCESS_READ | typeof ACCESS_WRITE): Trap | typeof GO_ON {
    const { tlb } = this.mmu, table = access === ACCESS_WRITE ? 'write' : 'read';
    const isFirstThere = tlb.probe(hi, lo, table) >= 0, missingLo = isFirstThere ? (lo | 4095) + 1 | 0 : lo, missingHi = isFirstThere && missingLo === 0 ? hi + 1 | 0 : hi;
    if (tlb.probe(missingHi, missingLo, table) >= 0) this.#misaligned();
    else if (!this.#touches(missingHi, missingLo)) {
      // Not to be written: that would make it dirty.
      this.mmu.refill(missingHi, missingLo, ACCESS_READ);
      if (tlb.probe(missingHi, missingLo, table) < 0) this.#misaligned();
    }
    return this.#alone();
  }

  /** The access at pc begins in the page of hi:lo. */
  #touches(hi: number, lo: number): boolean {
    this.#decodeAtPc();
    const { rs1, imm } = this.#d, baseLo = this.x[rs1 * 2]! >>> 0, sum = baseLo + imm, at = sum | 0, carry = sum < 0 ? -1 : sum >= 2 ** 32 ? 1 : 0;
    return (at ^ lo) >>> 12 === 0 && (this.x[rs1 * 2 + 1]! + carry | 0) === (hi | 0);
  }

  #misaligned(): void { this.#tier?.misaligned(this.mmu.fetchFrame(this.x[PC_HI]!, this.x[PC_LO]!), this.x[PC_LO]! & 4095); }

  /** A load or store that missed its TLB, or one that crosses into the next page. */
  #access(hi: number, lo: number, access: typeof ACCESS_READ | typeof ACCESS_WRITE): Trap | typeof GO_ON {
    const trap = access === ACCESS_WRITE ? TRAP_STORE_FAULT : TRAP_LOAD_FAULT;
    if (this.mmu.tlb.probe(hi, lo, access === ACCESS_WRITE ? 'write' : 'read') < 0) {
      const refill = this.mmu.refill(hi, lo, access);
      if (refill === REFILL_FAULT) return this.#fault(trap, hi, lo);
      return refill === REFILL_CODE && access === ACCESS_WRITE ? this.#alone() : GO_ON;
    }
    this.#decodeAtPc();
    // Translated code leaves misaligned accesses within a page, too.
    if ((lo & 4095) + WIDTH_BYTES[traitsOf(this.#d.insn!).width!] <= 4096) {
      this.#misaligned();
      return this.#alone();
    }
    const nextLo = (lo | 4095) + 1 | 0, nextHi = nextLo === 0 ? hi + 1 | 0 : hi;
    const second = this.mmu.translateWords(nextHi, nextLo, access);
    if (second < 0) return this.#fault(trap, nextHi, nextLo);
    const first = this.mmu.translateWords(hi, lo, access);
    accessAcrossPages(this.#ram, this.base, this.#d, first, second);
    return this.#retire();
  }

  #atomic(hi: number, lo: number): Trap | typeof GO_ON {
    this.#decodeAtPc();
    const { width, needs } = traitsOf(this.#d.insn!);
    if ((lo & WIDTH_BYTES[width!] - 1) !== 0) return this.#fault(TRAP_MISALIGNED, hi, lo);
    const refill = this.mmu.refill(hi, lo, needs === 'write' ? ACCESS_WRITE : ACCESS_READ);
    if (refill === REFILL_FAULT) return this.#fault(needs === 'write' ? TRAP_STORE_FAULT : TRAP_LOAD_FAULT, hi, lo);
    return refill === REFILL_CODE && needs === 'write' ? this.#alone() : GO_ON;
  }

  /** What has no handler, and an instruction whose second half lies in the next page: its fetch faults on that page's address. */
  #slow(): Trap | typeof GO_ON {
    const { x } = this;
    if ((x[PC_LO]! & 4095) === 4094 && (this.#halfAt(x[PC_HI]!, x[PC_LO]!) & 3) === 3) {
      const nextLo = x[PC_LO]! + 2 | 0, nextHi = nextLo === 0 ? x[PC_HI]! + 1 | 0 : x[PC_HI]!;
      if (this.#halfAt(nextHi, nextLo) < 0) return this.#fault(TRAP_FETCH_FAULT, nextHi, nextLo);
    }
    if (!this.#decodeAtPc()) return this.#illegal();
    const { system, isFloat } = traitsOf(this.#d.insn!);
    return system !== null || isFloat ? this.#execute(this.#d) : this.#alone();
  }

  /**
   * Runs the instruction at pc from the scratch page, leaving its frame undecoded: a straddling one, which depends on two virtual pages, and a store to decoded
   * code, which may be its own page: decoding that again would take the write entry away that the store needs.
   */
  #alone(): Trap | typeof GO_ON {
    const ops = this.#code.scratch, offset = this.x[PC_LO]! & 4095, op = ops + offset * 4;
    this.#decoder.decodeAlone(ops, this.#wordAtPc(), offset);
    // Beside a tier no further than the next jump: what follows may be translated, or worth it.
    const exit = this.#interpretFor(op, ops, this.#tier === null ? ENTRY_FUEL : 1);
    this.#ram.u16[op >>> 1] = H_UNDECODED;
    if (exit === EXIT_FUEL) return this.#left <= 0 ? TRAP_BUDGET : GO_ON;
    return exit === EXIT_LOAD || exit === EXIT_STORE || exit === EXIT_ATOMIC ? this.#handle(exit) : GO_ON;
  }

  #execute(d: Decoded): Trap | typeof GO_ON {
    const { system, isFloat } = traitsOf(d.insn!);
    if (isFloat) return this.#fpu.execute(fpOp(d.insn!), d.rd, d.rs1, d.rs2, d.rs3, d.rm) === 0 ? this.#retire() : this.#illegal();
    switch (system) {
      case 'ecall': return this.#systemCall();
      case 'ebreak': return this.#fault(TRAP_BREAKPOINT, this.x[PC_HI]!, this.x[PC_LO]!);
      case 'csr': return executeCsr(this.#ram, this.base, d, this.#retired, this.#clock) ? this.#retire() : this.#illegal();
      default: throw new Error(`${d.insn!.name} has a handler, yet left the interpreter as slow`);
    }
  }

  #illegal(): Trap {
    const word = this.#wordAtPc();
    return this.#fault(TRAP_ILLEGAL, 0, (word & 3) === 3 ? word : word & 0xffff);
  }

  /** The instruction just executed here is done. */
  #retire(): typeof GO_ON {
    const { x } = this;
    const lo = x[PC_LO]! + this.#d.length | 0;
    if (lo >>> 0 < this.#d.length) x[PC_HI] = x[PC_HI]! + 1;
    x[PC_LO] = lo;
    this.#retired++;
    this.#left--;
    return GO_ON;
  }

  #fault(trap: Trap, hi: number, lo: number): Trap {
    this.tval = (hi >>> 0) * 2 ** 32 + (lo >>> 0);
    return trap;
  }

  #decodeAtPc(): boolean { return decode(this.#wordAtPc(), this.#d); }

  /** The instruction at pc, which has been fetched before: both halves are mapped where they are needed. */
  #wordAtPc(): number {
    const lo = this.x[PC_LO]!, hi = this.x[PC_HI]!;
    const half = this.#halfAt(hi, lo);
    if ((half & 3) !== 3) return half;
    const nextLo = lo + 2 | 0;
    return half | this.#halfAt(nextLo === 0 ? hi + 1 | 0 : hi, nextLo) << 16;
  }

  #halfAt(hi: number, lo: number): number {
    const pfn = this.mmu.fetchFrame(hi, lo);
    return pfn < 0 ? -1 : this.#ram.u16[pfn * 2048 + ((lo & 4095) >>> 1)]!;
  }
}

const fpOps = new Map<string, number>(FP_OPS.map((name, i) => [name, i]));
function fpOp(insn: Instruction): number { return fpOps.get(insn.name)!; }
