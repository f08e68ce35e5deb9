// How deep translated code may nest. An engine does not tell how much stack it has, and a thread of a browser may have little; if guest calls overflowed it, registers
// that live in locals would be lost. So this is tried: a chain of calls whose frames are as large as those of the largest regions, twice as long as needed.
import type { RamImpl } from '../ram.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import { Body } from './body.ts';

/** What pays: deeper than this few programs go again and again. */
const MOST = 256;
/** Where hardly any stack is left, calls go by way of the dispatcher soon. */
const LEAST = 4;
const MARGIN = 2;
/** 62 registers, what floating point needs, and values between instructions. */
const LOCALS = 128;

/** How many regions may call each other on the engine's stack before all of them are left. */
export function affordableDepth(ram: RamImpl): number {
  const chain = chainOfCalls(ram);
  for (let depth = MOST; depth > LEAST; depth >>= 1) {
    try {
      chain(depth * MARGIN);
      return depth;
    } catch (e) {
      if (!(e instanceof RangeError)) throw e;
    }
  }
  return LEAST;
}

/** Calls itself n times with all its locals in use. */
function chainOfCalls(ram: RamImpl): (n: number) => number {
  const m = new ModuleBuilder(), type = m.type([w.i32], [w.i32]), c = new Body(1), n = 0;
  const locals = Array.from({ length: LOCALS }, () => c.local(w.i64));
  c.get(n); c.op(w.i32_eqz);
  c.open(w.if_);
  c.i32Const(0); c.op(w.return_);
  c.end();
  locals.forEach((l, i) => { c.get(n); c.op(w.i64_extend_i32_u); c.i64Const(i); c.op(w.i64_mul); c.set(l); });
  c.get(n); c.i32Const(1); c.op(w.i32_sub); c.call(m.nextFunction);
  for (const l of locals) { c.get(l); c.op(w.i32_wrap_i64); c.op(w.i32_xor); }
  m.function('chain', type, c);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish(ram.wasmPages)), { env: { memory: ram.memory } });
  return exports['chain'] as (n: number) => number;
}
