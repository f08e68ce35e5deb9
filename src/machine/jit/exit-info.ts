// What an exit of a region knows of its place, in one constant, and the function that all regions leave by: it turns that into pc, reason and fuel.
import { CTX_ADDRESS, CTX_EXIT } from '../hart/context.ts';
import { CTX_PC } from '../machine.ts';
import * as w from '../wasm/opcodes.ts';
import { Body } from './body.ts';

/** (page, info, address, fuel) -> (fuel, pc) */
export const LEAVE_PARAMS = [w.i64, w.i32, w.i64, w.i32];

/** In place of an exit code: control goes on outside the region, at the offset. The number is 1 where no budget test is due there. */
export const ANSWER = 15;

/**
 * Exit code (4 bits), number of instructions to give back (at most 511), and offset (18 bits, signed, even). What is small as a rule makes the constant short: the
 * lower 5 bits of the number stand below the offset.
 */
export function infoOf(code: number, unexecuted: number, at: number): number {
  return unexecuted >> 5 << 26 | (at >> 1 & 0x1ffff) << 9 | (unexecuted & 31) << 4 | code;
}

/** The offset has a place in `info`. */
export function isNear(at: number): boolean { return at >= -0x20000 && at < 0x20000; }

/** The state is in the context but for what `info` says. `base` is where the context is. */
export function leaveFunction(base: number): Body {
  const c = new Body(4), [page, info, address, fuel] = [0, 1, 2, 3] as const;
  const bits = (shift: number, mask: number): void => { c.get(info); c.i32Const(shift); c.op(w.i32_shr_u); c.i32Const(mask); c.op(w.i32_and); };
  c.get(page); c.get(info); c.i32Const(6); c.op(w.i32_shl); c.i32Const(15); c.op(w.i32_shr_s); c.i32Const(1); c.op(w.i32_shl); c.op(w.i64_extend_i32_s); c.op(w.i64_add); c.set(page);
  bits(0, 15); c.i32Const(ANSWER); c.op(w.i32_eq);
  c.open(w.if_);
  c.get(fuel); c.get(page); bits(4, 1); c.op(w.i64_extend_i32_u); c.op(w.i64_or); c.op(w.return_);
  c.end();
  c.i32Const(0); c.get(page); c.mem(w.i64_store, 3, base + CTX_PC);
  c.i32Const(0); c.get(address); c.mem(w.i64_store, 3, base + CTX_ADDRESS);
  c.i32Const(0); bits(0, 15); c.mem(w.i32_store, 2, base + CTX_EXIT);
  c.get(fuel); bits(4, 31); c.op(w.i32_add); bits(26, 15); c.i32Const(5); c.op(w.i32_shl); c.op(w.i32_add);
  c.i64Const(-1);
  return c;
}
