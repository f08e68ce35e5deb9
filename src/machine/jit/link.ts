// What holds translated regions together: the table of their functions, and the wasm code that finds the region of an address and runs one after the other.
import { CTX_EXIT, CTX_FUEL, CTX_SLICE, CTX_SPACE, CTX_STRETCH, CTX_TLB, EXIT_FETCH, EXIT_FUEL, EXIT_SAMPLE, EXIT_TRANSLATED } from '../hart/context.ts';
import type { ModuleSource } from '../engine.ts';
import type { Interpret } from '../hart/interpreter.ts';
import { H_PLT, H_TRANSLATED, OP_HANDLER, OP_IMM, OP_SIZE_LOG2 } from '../hart/op.ts';
import { PLT_COUNT, PLT_LINK, PLT_SIZE, PLT_TARGET } from '../hart/plt.ts';
import { CTX_PC, CTX_X } from '../machine.ts';
import { isOutOfRange, probeTlb } from '../mmu/tlb-code.ts';
import { FETCH_ENTRIES, type RamImpl } from '../ram.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { Body, type Label } from './body.ts';
import { LEAVE_PARAMS, leaveFunction } from './exit-info.ts';
import { asPlt, isPlt, lookUpJump, noteJump, pltSource } from './jumps.ts';

/** What a change of tiers costs, in instructions of the interpreter's slice: where that happens often, more should be translated. */
const CHANGE_OF_TIER = 10;

/** From the op of a 4-byte instruction to the next. */
const LONG_OP = 2 << OP_SIZE_LOG2;

/** (page, fuel, depth) -> (fuel, pc): see function.ts. */
export const REGION_PARAMS = [w.i64, w.i32, w.i32], REGION_RESULTS = [w.i32, w.i64];
/** (pc, expected, fuel, depth) -> (fuel, pc) */
export const GO_PARAMS = [w.i64, w.i64, w.i32, w.i32];

export interface Links {
  /** Runs from the context's pc in either tier; answers an EXIT code. */
  readonly run: (fuel: number) => number;
  readonly go: (...args: never[]) => unknown;
  readonly leave: (...args: never[]) => unknown;
}

/** The module, with all in it that does not depend on the machine's objects. */
function linksModule(ram: RamImpl, base: number, depth: number): Uint8Array<ArrayBuffer> {
  const m = new ModuleBuilder();
  m.importTable();
  const region = m.type(REGION_PARAMS, REGION_RESULTS), goType = m.type(GO_PARAMS, REGION_RESULTS), runType = m.type([w.i32], [w.i32]);
  const interpreter = m.importFunction('interpret', m.type([w.i32, w.i32, w.i32], [w.i32]));
  const go = m.function('go', goType, goFunction(region, ram, base));
  m.function('leave', m.type(LEAVE_PARAMS, REGION_RESULTS), leaveFunction(base));
  m.function('run', runType, runFunction(go, interpreter, depth, ram.layout.fetchTlb, base));
  return m.finish(ram.wasmPages);
}

/** `depth`: how many regions may call each other on the engine's stack (depth.ts). */
export function createLinks(ram: RamImpl, base: number, q: { readonly table: WebAssembly.Table; readonly interpret: Interpret; readonly depth: number; readonly modules: ModuleSource }): Links {
  const { table, interpret, depth, modules } = q, module = modules.module(`links-${depth}`, () => linksModule(ram, base, depth));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: ram.memory, table, interpret } });
  return { run: exports['run'] as Links['run'], go: exports['go'] as Links['go'], leave: exports['leave'] as Links['leave'] };
}

/** Translated code where there is some, else the interpreter, until either has to come back: a change of tiers is a few instructions and no JavaScript. */
function runFunction(go: number, interpret: number, depth: number, fetchTlb: number, base: number): Body {
  const c = new Body(1), fuel = 0;
  const pc = c.local(w.i64), at = c.local(w.i32), ops = c.local(w.i32), op = c.local(w.i32), given = c.local(w.i32), exit = c.local(w.i32);
  const load = (offset: number): void => { c.i32Const(0); c.mem(w.i32_load, 2, base + offset); };
  const out = c.open(w.block);
  c.i32Const(0); c.i64Const(-1); c.mem(w.i64_store, 3, base + CTX_STRETCH);
  const next = c.open(w.loop);
  c.i32Const(EXIT_FETCH); c.set(exit);
  c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_PC); c.set(pc);
  findPage(c, { pc, at, miss: out }, fetchTlb, base);
  c.get(at); c.mem(w.i32_load, 2, fetchTlb + 8); c.tee(ops);
  opOf(c, pc, op);
  c.mem(w.i32_load16_u, 1, OP_HANDLER); c.i32Const(H_TRANSLATED); c.op(w.i32_eq);
  c.open(w.if_);
  c.i32Const(0); c.i64Const(-2); c.mem(w.i64_store, 3, base + CTX_STRETCH);
  c.get(pc); c.i64Const(1); c.op(w.i64_or);
  c.i64Const(-3);                                                    // odd: equals no pc
  c.get(fuel); c.i32Const(depth); c.call(go);
  c.op(w.drop); c.set(fuel);
  load(CTX_EXIT); c.tee(exit); c.i32Const(EXIT_FETCH); c.op(w.i32_ne); c.toIf(out);
  c.i32Const(0); load(CTX_SLICE); c.i32Const(CHANGE_OF_TIER); c.op(w.i32_sub); c.mem(w.i32_store, 2, base + CTX_SLICE);
  c.i32Const(0); c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_PC); c.mem(w.i64_store, 3, base + CTX_STRETCH);
  c.op(w.else_);
  c.get(fuel); load(CTX_SLICE); c.get(fuel); load(CTX_SLICE); c.op(w.i32_lt_s); c.op(w.select); c.set(given);
  c.get(op); c.get(ops); c.get(given); c.call(interpret); c.set(exit);
  c.get(given); load(CTX_FUEL); c.op(w.i32_sub); c.set(given);
  c.get(fuel); c.get(given); c.op(w.i32_sub); c.set(fuel);
  c.i32Const(0); load(CTX_SLICE); c.get(given); c.op(w.i32_sub); c.mem(w.i32_store, 2, base + CTX_SLICE);
  c.i32Const(EXIT_SAMPLE); c.get(exit);
  c.get(exit); c.i32Const(EXIT_FUEL); c.op(w.i32_eq); c.get(fuel); c.i32Const(0); c.op(w.i32_gt_s); c.op(w.i32_and);
  c.get(exit); c.i32Const(EXIT_TRANSLATED); c.op(w.i32_eq); load(CTX_SLICE); c.i32Const(0); c.op(w.i32_le_s); c.op(w.i32_and);
  c.op(w.i32_or);
  c.op(w.select); c.tee(exit);
  c.i32Const(EXIT_TRANSLATED); c.op(w.i32_ne); c.toIf(out);
  c.end();
  c.to(next);
  c.end();
  c.end();
  c.i32Const(0); c.get(fuel); c.mem(w.i32_store, 2, base + CTX_FUEL);
  c.get(exit);
  return c;
}

/** With the decoded page on the stack: pushes the address of pc's op there, and keeps it in `op`. */
function opOf(c: Body, pc: number, op: number): void {
  c.get(pc); c.op(w.i32_wrap_i64); c.i32Const(4095); c.op(w.i32_and); c.i32Const(2); c.op(w.i32_shl); c.op(w.i32_add); c.tee(op);
}

/** Sets `at` to the offset of pc's entry in the fetch TLB; goes to `miss` if that is another page's. */
function findPage(c: Body, s: { readonly pc: number; readonly at: number; readonly miss: Label }, fetchTlb: number, base: number): void {
  c.get(s.pc); c.i64Const(8); c.op(w.i64_shr_u); c.op(w.i32_wrap_i64); c.i32Const((FETCH_ENTRIES - 1) * 16); c.op(w.i32_and); c.tee(s.at);
  c.mem(w.i64_load, 3, fetchTlb);
  c.get(s.pc); c.i64Const(12); c.op(w.i64_shr_u); c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_SPACE); c.op(w.i64_or);
  c.op(w.i64_ne); c.toIf(s.miss);
}

/** Runs from `pc`, region by region, until it is `expected` or an exit. */
function goFunction(region: number, ram: RamImpl, base: number): Body {
  const c = new Body(4), [pc, expected, fuel, depth] = [0, 1, 2, 3] as const, { fetchTlb, jumps } = ram.layout;
  const slot = c.local(w.i32), what = c.local(w.i32), entry = c.local(w.i32), op = c.local(w.i32);
  const leaveFuel = c.open(w.block), leaveFetch = c.open(w.block), done = c.open(w.block), next = c.open(w.loop);
  c.get(pc); c.i64Const(-1); c.op(w.i64_eq); c.toIf(done);
  c.get(pc); c.op(w.i32_wrap_i64); c.i32Const(1); c.op(w.i32_and); c.op(w.i32_eqz); c.get(fuel); c.i32Const(0); c.op(w.i32_le_s); c.op(w.i32_and); c.toIf(leaveFuel);
  c.get(pc); c.i64Const(-2); c.op(w.i64_and); c.tee(pc); c.get(expected); c.op(w.i64_eq); c.toIf(done);
  c.get(depth); c.i32Const(0); c.op(w.i32_le_s); c.toIf(leaveFetch);

  const isKnown = c.open(w.block), isNew = c.open(w.block);
  lookUpJump(c, { pc, slot, what, miss: isNew }, jumps, base);
  c.to(isKnown);
  c.end();
  findPage(c, { pc, at: entry, miss: leaveFetch }, fetchTlb, base);
  c.get(entry); c.mem(w.i32_load, 2, fetchTlb + 8);
  opOf(c, pc, op);
  c.mem(w.i32_load16_u, 1, OP_HANDLER); c.tee(what); c.i32Const(H_TRANSLATED); c.op(w.i32_eq);
  c.open(w.if_);
  c.get(op); c.mem(w.i32_load, 2, OP_IMM); c.set(what);
  c.op(w.else_);
  c.get(what); c.i32Const(H_PLT); c.op(w.i32_ne); c.toIf(leaveFetch);
  findPltSource(c, { pc, op, miss: leaveFetch }, ram, base); asPlt(c); c.set(what);
  c.end();
  noteJump(c, { pc, slot, what }, jumps, base);
  c.end();

  isPlt(c, what);
  c.open(w.if_);
  followPlt(c, { pc, fuel, what }, base);
  c.to(next);
  c.end();
  c.get(pc); c.i64Const(-4096); c.op(w.i64_and); c.get(fuel); c.get(depth); c.i32Const(1); c.op(w.i32_sub);
  c.get(what); c.callIndirect(region); c.set(pc); c.set(fuel);
  c.to(next);
  c.end();
  c.end();
  c.get(fuel); c.get(pc); c.op(w.return_);
  c.end();
  leaveWith(c, EXIT_FETCH, base);
  c.end();
  leaveWith(c, EXIT_FUEL, base);
  return c;
}

/** Pushes where in RAM the entry of a procedure linkage table at `pc`, whose op is `op`, loads from; goes to `miss` where it cannot from here. */
function findPltSource(c: Body, s: { readonly pc: number; readonly op: number; readonly miss: Label }, ram: RamImpl, base: number): void {
  const addr = c.local(w.i64), translated = c.local(w.i64), tlb = c.local(w.i32), shape = { ramSize: ram.size, tlbEntries: ram.layout.tlbEntries };
  c.i32Const(0); c.mem(w.i32_load, 2, base + CTX_TLB); c.set(tlb);
  // The decoder has added the page offset to auipc's immediate.
  c.get(s.pc); c.i64Const(-4096); c.op(w.i64_and);
  c.get(s.op); c.mem(w.i64_load32_s, 2, OP_IMM); c.op(w.i64_add);
  c.get(s.op); c.mem(w.i64_load32_s, 2, OP_IMM + LONG_OP); c.op(w.i64_add);
  probeTlb(c, shape, { addr, tlb, translated }, 0); isOutOfRange(c, shape, 8); c.toIf(s.miss);
  c.get(translated); c.op(w.i32_wrap_i64);
}

/** Executes that entry. */
function followPlt(c: Body, s: { readonly pc: number; readonly fuel: number; readonly what: number }, base: number): void {
  const target = c.local(w.i64), store = (register: number): void => { c.mem(w.i64_store, 3, base + CTX_X + register * 8); };
  c.i32Const(0); c.get(s.pc); c.i64Const(PLT_SIZE); c.op(w.i64_add); store(PLT_LINK);
  c.i32Const(0); pltSource(c, s.what); c.mem(w.i64_load, 3, 0); c.tee(target); store(PLT_TARGET);
  c.get(target); c.i64Const(-2); c.op(w.i64_and); c.set(s.pc);
  c.get(s.fuel); c.i32Const(PLT_COUNT); c.op(w.i32_sub); c.set(s.fuel);
}

/** Parameters 0 and 2 are pc and fuel. */
function leaveWith(c: Body, exit: number, base: number): void {
  c.i32Const(0); c.get(0); c.mem(w.i64_store, 3, base + CTX_PC);
  c.i32Const(0); c.i32Const(exit); c.mem(w.i32_store, 2, base + CTX_EXIT);
  c.get(2); c.i64Const(-1); c.op(w.return_);
}
