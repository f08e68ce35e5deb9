// The interpreter: one WebAssembly function generated at start-up from the instruction table. It walks decoded ops: load handler number, br_table, handler, next.
// Registers live in the context; memory goes through the TLB inline; one local counts instructions exactly.
import type { Engine, ModuleSource } from '../engine.ts';
import { CTX_PC } from '../machine.ts';
import { FETCH_ENTRIES, type RamImpl } from '../ram.ts';
import { Code } from '../wasm/code.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as w from '../wasm/opcodes.ts';
import {
  CTX_ADDRESS, CTX_FUEL, CTX_OP, CTX_SPACE, CTX_TLB, EXIT_ATOMIC, EXIT_ECALL, EXIT_FETCH, EXIT_FUEL, EXIT_LOAD, EXIT_SLOW, EXIT_STORE,
  EXIT_TRANSLATED, EXIT_UNDECODED,
} from './context.ts';
import { InterpOps, type Shared } from './interp-ops.ts';
import { LabelStack } from './labels.ts';
import { FIRST_ROW_HANDLER, H_ECALL, H_NOP2, H_NOP4, H_PAGE_END, H_PLT, H_TRANSLATED, H_UNDECODED, OP_HANDLER } from './op.ts';
import { H_AUIPC_LD, HANDLERS } from './variants.ts';

/** Runs from the op at `op` of the decoded page at `ops` for `fuel` instructions; the context's pc gives the virtual page. Answers an EXIT code. */
export type Interpret = (op: number, ops: number, fuel: number) => number;

export function createInterpreter(ram: RamImpl, base: number, engine: Engine, modules: ModuleSource): Interpret {
  const compiled = modules.module('interpreter', () => {
    const module = new ModuleBuilder();
    module.function('interpret', module.type([w.i32, w.i32, w.i32], [w.i32]), interpretFunction(ram, base, engine));
    return module.finish(ram.wasmPages);
  });
  return new WebAssembly.Instance(compiled, { env: { memory: ram.memory } }).exports['interpret'] as Interpret;
}

function interpretFunction(ram: RamImpl, base: number, engine: Engine): Code {
  const c = new Code(3, 65536);
  const s: Shared = { op: 0, ops: 1, fuel: 2, tlb: c.local(w.i32), page: c.local(w.i64), addr: c.local(w.i64), way: c.local(w.i32) };
  const labels = new LabelStack(c);
  c.i32Const(0); c.mem(w.i32_load, 2, base + CTX_TLB); c.set(s.tlb);
  c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_PC); c.i64Const(-4096); c.op(w.i64_and); c.set(s.page);
  labels.openAll();
  dispatch(c, s, labels, new InterpOps(c, s, labels, { base, ramSize: ram.size, tlbEntries: ram.layout.tlbEntries, engine }));

  labels.close('fuelOut');
  c.get(s.way); c.i32Const(0); c.op(w.i32_gt_s); c.brIf(labels.depth('next'));
  labels.leave(EXIT_FUEL, 'exit');
  labels.close('slow');
  labels.leave(EXIT_SLOW, 'undo');
  for (const [label, code] of [['missAtomic', EXIT_ATOMIC], ['missStore', EXIT_STORE], ['missLoad', EXIT_LOAD]] as const) {
    labels.close(label);
    c.i32Const(0); c.get(s.addr); c.mem(w.i64_store, 3, base + CTX_ADDRESS);
    labels.leave(code, 'undo');
  }
  labels.close('jump');
  c.get(s.fuel); c.i32Const(0); c.op(w.i32_le_s);
  labels.openInner(w.if_); labels.leave(EXIT_FUEL, 'exitAt'); labels.closeInner();
  labels.close('far');
  fetchLookup(c, s, labels, ram.layout.fetchTlb, base);
  c.br(labels.depth('next'));
  labels.close('next');
  c.op(w.unreachable);
  labels.close('undo');
  addTo(c, s.fuel, 1);
  labels.close('exit');
  pcOfOp(c, s); c.set(s.addr);
  labels.close('exitAt');
  epilogue(c, s, base);
  return c;
}

/** Counts the instruction and branches to its handler; then come the handlers, each behind the end of its block. */
function dispatch(c: Code, s: Shared, labels: LabelStack, ops: InterpOps): void {
  const handlers = FIRST_ROW_HANDLER + HANDLERS.length;
  addTo(c, s.fuel, -1);
  for (let i = 0; i < handlers; i++) labels.openInner(w.block);
  c.get(s.op); c.mem(w.i32_load16_u, 1, OP_HANDLER);
  c.brTable(Array.from({ length: handlers }, (_, h) => (h === H_PLT ? H_AUIPC_LD : h)), handlers - 1);
  for (let h = 0; h < handlers; h++) {
    labels.closeInner();
    if (h === H_PLT) continue;
    if (h >= FIRST_ROW_HANDLER) ops.handler(HANDLERS[h - FIRST_ROW_HANDLER]!);
    else if (h === H_UNDECODED) labels.leave(EXIT_UNDECODED, 'undo');
    else if (h === H_TRANSLATED) labels.leave(EXIT_TRANSLATED, 'undo');
    else if (h === H_PAGE_END) { addTo(c, s.fuel, 1); pcOfOp(c, s); c.set(s.addr); c.br(labels.depth('far')); }
    else if (h === H_NOP2 || h === H_NOP4) { addTo(c, s.op, h === H_NOP2 ? 8 : 16); c.br(labels.depth('next')); }
    else labels.leave(h === H_ECALL ? EXIT_ECALL : EXIT_SLOW, 'undo');
  }
}

/** Looks up the page of `addr` in the fetch TLB: 16-byte entries { i64 key = space << 52 | virtual page, u32 ops }. */
function fetchLookup(c: Code, s: Shared, labels: LabelStack, fetchTlb: number, base: number): void {
  const entry = c.local(w.i32), vpage = c.local(w.i64);
  c.get(s.addr); c.i64Const(12); c.op(w.i64_shr_u); c.tee(vpage);
  c.op(w.i32_wrap_i64); c.i32Const(FETCH_ENTRIES - 1); c.op(w.i32_and); c.i32Const(4); c.op(w.i32_shl); c.tee(entry);
  c.mem(w.i64_load, 3, fetchTlb);
  c.get(vpage); c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_SPACE); c.op(w.i64_or);
  c.op(w.i64_ne);
  labels.openInner(w.if_); labels.leave(EXIT_FETCH, 'exitAt'); labels.closeInner();
  c.get(entry); c.mem(w.i32_load, 2, fetchTlb + 8); c.set(s.ops);
  c.get(s.addr); c.i64Const(-4096); c.op(w.i64_and); c.set(s.page);
  c.get(s.ops); c.get(s.addr); c.op(w.i32_wrap_i64); c.i32Const(4095); c.op(w.i32_and); c.i32Const(2); c.op(w.i32_shl); c.op(w.i32_add); c.set(s.op);
}

/** With the exit code on the stack and pc in `addr`: back to the hart. */
function epilogue(c: Code, s: Shared, base: number): void {
  c.i32Const(0); c.get(s.addr); c.mem(w.i64_store, 3, base + CTX_PC);
  c.i32Const(0); c.get(s.fuel); c.mem(w.i32_store, 2, base + CTX_FUEL);
  c.i32Const(0); c.get(s.op); c.mem(w.i32_store, 2, base + CTX_OP);
}

function pcOfOp(c: Code, s: Shared): void {
  c.get(s.page);
  c.get(s.op); c.get(s.ops); c.op(w.i32_sub); c.i32Const(2); c.op(w.i32_shr_u); c.op(w.i64_extend_i32_u);
  c.op(w.i64_add);
}

function addTo(c: Code, local: number, n: number): void { c.get(local); c.i32Const(n); c.op(w.i32_add); c.set(local); }
