// LR and SC in translated code: the reservation is in the context, as the hart has it.
import { CTX_RESERVED, CTX_RESERVED_VALUE } from '../hart/context.ts';
import { LOAD_OP, STORE_OP } from '../hart/interp-ops.ts';
import type { Local } from '../isa/wasm-ops.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';

/** Reserves the virtual address in `addr`, where `value` has been read. `base` is where the context is. */
export function reserve(c: Body, base: number, { addr, value }: { readonly addr: Local; readonly value: Local }): void {
  c.i32Const(0); c.get(value); c.mem(w.i64_store, 3, base + CTX_RESERVED_VALUE);
  c.i32Const(0); c.get(addr); c.mem(w.i64_store, 3, base + CTX_RESERVED);
}

/** Stores `value` at `host`, which is `addr`, if that is reserved and still has what was read; pushes 0 if so, or 1. */
export function storeConditional(c: Body, base: number, { addr, host, value }: { readonly addr: Local; readonly host: Local; readonly value: Local }, width: 'i32' | 'i64'): void {
  c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_RESERVED); c.get(addr); c.op(w.i64_eq);
  c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_RESERVED_VALUE); c.get(host); c.mem(LOAD_OP[width], 0, 0); c.op(w.i64_eq);
  c.op(w.i32_and);
  c.open(w.if_, w.i64);
  c.get(host); c.get(value); c.mem(STORE_OP[width], 0, 0);
  c.i64Const(0);
  c.op(w.else_);
  c.i64Const(1);
  c.end();
  c.i32Const(0); c.i64Const(-1); c.mem(w.i64_store, 3, base + CTX_RESERVED);
}
