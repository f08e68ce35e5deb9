// A shift to the left and one back: how RISC-V without Zba and Zbb takes the lower bits of a register, extends them, and scales an index. In WebAssembly that is
// a mask or an extension.
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import type { Insn } from './insn.ts';
import { makesNarrow } from './widths.ts';
import type { XRegisters } from './x-registers.ts';

/** Both are one thing: what the first one leaves is seen by the second only, and all of its bits are of the lower half. */
export function isShiftPair(left: Insn, right: Insn | undefined): boolean {
  return left.insn!.name === 'slli' && left.imm >= 32 && right !== undefined && (right.insn!.name === 'srli' || right.insn!.name === 'srai') &&
    right.rs1 === left.rd && right.rd === left.rd && right.imm <= left.imm;
}

/** Emits a pair. */
export function shiftPair(c: Body, x: XRegisters, left: Insn, right: Insn): void {
  const bits = 64 - left.imm, scale = left.imm - right.imm, isSigned = right.insn!.name === 'srai';
  x.push32(left.rs1);
  if (isSigned) extend(c, bits);
  else if (bits < 32) { c.i32Const(2 ** bits - 1); c.op(w.i32_and); }
  if (makesNarrow(right)) {
    if (scale > 0) { c.i32Const(scale); c.op(w.i32_shl); }
    x.set32(right.rd);
    return;
  }
  c.op(isSigned ? w.i64_extend_i32_s : w.i64_extend_i32_u);
  if (scale > 0) { c.i64Const(scale); c.op(w.i64_shl); }
  x.set(right.rd);
}

/** Pops an i32, pushes the sign extension of its lower bits. */
function extend(c: Body, bits: number): void {
  if (bits === 8) c.op(w.i32_extend8_s);
  else if (bits === 16) c.op(w.i32_extend16_s);
  else if (bits < 32) { c.i32Const(32 - bits); c.op(w.i32_shl); c.i32Const(32 - bits); c.op(w.i32_shr_s); }
}
