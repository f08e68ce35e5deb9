// What holds translated regions together: the table of their functions, and the wasm code that finds the region of an address and runs one after the other.
import { CTX_EXIT, CTX_FUEL, CTX_SPACE, EXIT_FETCH, EXIT_FUEL } from '../hart/context.ts';
import { H_TRANSLATED, OP_HANDLER, OP_IMM } from '../hart/op.ts';
import { CTX_PC } from '../machine.ts';
import { FETCH_ENTRIES, type RamImpl } from '../ram.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { Body } from './body.ts';

/** How many regions may call each other on the engine's stack before all of them are left. */
const MAX_DEPTH = 256;

/** (page, ops, fuel, depth) -> (fuel, pc): see function.ts. */
export const REGION_PARAMS = [w.i64, w.i32, w.i32, w.i32], REGION_RESULTS = [w.i32, w.i64];
/** (pc, expected, fuel, depth) -> (fuel, pc) */
export const GO_PARAMS = [w.i64, w.i64, w.i32, w.i32];

export interface Links {
  /** Runs from the context's pc; answers an EXIT code. */
  readonly enter: (fuel: number) => number;
  readonly go: (...args: never[]) => unknown;
}

export function createLinks(ram: RamImpl, base: number, table: WebAssembly.Table): Links {
  const m = new ModuleBuilder();
  m.importTable();
  const region = m.type(REGION_PARAMS, REGION_RESULTS), goType = m.type(GO_PARAMS, REGION_RESULTS), enterType = m.type([w.i32], [w.i32]);
  const go = m.function('go', goType, goFunction(region, ram.layout.fetchTlb, base));
  m.function('enter', enterType, enterFunction(go, base));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish(ram.wasmPages)), { env: { memory: ram.memory, table } });
  return { enter: exports['enter'] as Links['enter'], go: exports['go'] as Links['go'] };
}

function enterFunction(go: number, base: number): Body {
  const c = new Body(1), fuel = 0;
  c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_PC); c.i64Const(1); c.op(w.i64_or);
  c.i64Const(-3);                                                    // odd: equals no pc
  c.get(fuel); c.i32Const(MAX_DEPTH); c.call(go);
  c.op(w.drop); c.set(fuel);
  c.i32Const(0); c.get(fuel); c.mem(w.i32_store, 2, base + CTX_FUEL);
  c.i32Const(0); c.mem(w.i32_load, 2, base + CTX_EXIT);
  return c;
}

/** Runs from `pc`, region by region, until it is `expected` or an exit. */
function goFunction(region: number, fetchTlb: number, base: number): Body {
  const c = new Body(4), [pc, expected, fuel, depth] = [0, 1, 2, 3] as const;
  const entry = c.local(w.i32), op = c.local(w.i32), ops = c.local(w.i32), vpage = c.local(w.i64);
  const leaveFuel = c.open(w.block), leaveFetch = c.open(w.block), done = c.open(w.block), next = c.open(w.loop);
  c.get(pc); c.i64Const(-1); c.op(w.i64_eq); c.toIf(done);
  c.get(pc); c.op(w.i32_wrap_i64); c.i32Const(1); c.op(w.i32_and); c.op(w.i32_eqz); c.get(fuel); c.i32Const(0); c.op(w.i32_le_s); c.op(w.i32_and); c.toIf(leaveFuel);
  c.get(pc); c.i64Const(-2); c.op(w.i64_and); c.tee(pc); c.get(expected); c.op(w.i64_eq); c.toIf(done);
  c.get(depth); c.i32Const(0); c.op(w.i32_le_s); c.toIf(leaveFetch);

  c.get(pc); c.i64Const(12); c.op(w.i64_shr_u); c.tee(vpage);
  c.op(w.i32_wrap_i64); c.i32Const(FETCH_ENTRIES - 1); c.op(w.i32_and); c.i32Const(4); c.op(w.i32_shl); c.tee(entry);
  c.mem(w.i64_load, 3, fetchTlb);
  c.get(vpage); c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_SPACE); c.op(w.i64_or);
  c.op(w.i64_ne); c.toIf(leaveFetch);
  c.get(entry); c.mem(w.i32_load, 2, fetchTlb + 8); c.tee(ops);
  c.get(pc); c.op(w.i32_wrap_i64); c.i32Const(4095); c.op(w.i32_and); c.i32Const(2); c.op(w.i32_shl); c.op(w.i32_add); c.tee(op);
  c.mem(w.i32_load16_u, 1, OP_HANDLER); c.i32Const(H_TRANSLATED); c.op(w.i32_ne); c.toIf(leaveFetch);

  c.get(pc); c.i64Const(-4096); c.op(w.i64_and); c.get(ops); c.get(fuel); c.get(depth); c.i32Const(1); c.op(w.i32_sub);
  c.get(op); c.mem(w.i32_load, 2, OP_IMM); c.callIndirect(region); c.set(pc); c.set(fuel);
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

/** Parameters 0 and 2 are pc and fuel. */
function leaveWith(c: Body, exit: number, base: number): void {
  c.i32Const(0); c.get(0); c.mem(w.i64_store, 3, base + CTX_PC);
  c.i32Const(0); c.i32Const(exit); c.mem(w.i32_store, 2, base + CTX_EXIT);
  c.get(2); c.i64Const(-1); c.op(w.return_);
}
