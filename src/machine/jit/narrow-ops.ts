// Instructions on 32-bit numbers as WebAssembly's own: what the tables say in 64 bits (isa/rv64i.ts), said in i32.
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import type { Insn } from './insn.ts';
import { makesNarrow } from './widths.ts';
import type { XRegisters } from './x-registers.ts';

/**
 * How a row is written where it computes in 32 bits. registers: `op` on two of them (wasm takes shift amounts modulo 32, as RISC-V does); immediate: on one and an
 * immediate; compare: with 64 bits it is `wide`, sign extension keeps both orders.
 */
export interface NarrowRow {
  readonly kind: 'registers' | 'immediate' | 'constant' | 'compare registers' | 'compare immediate' | 'divide' | 'branch';
  readonly op: number;
  readonly wide: number;
}

const registers = (op: number): NarrowRow => ({ kind: 'registers', op, wide: 0 });
const immediate = (op: number): NarrowRow => ({ kind: 'immediate', op, wide: 0 });
const division = (op: number): NarrowRow => ({ kind: 'divide', op, wide: 0 });
const branch = (op: number): NarrowRow => ({ kind: 'branch', op, wide: 0 });

export const NARROW_ROWS: ReadonlyMap<string, NarrowRow> = new Map([
  ['add', registers(w.i32_add)], ['addw', registers(w.i32_add)], ['subw', registers(w.i32_sub)], ['mulw', registers(w.i32_mul)], ['sllw', registers(w.i32_shl)], ['srlw', registers(w.i32_shr_u)], ['sraw', registers(w.i32_shr_s)],
  ['and', registers(w.i32_and)], ['or', registers(w.i32_or)], ['xor', registers(w.i32_xor)],
  ['addi', immediate(w.i32_add)], ['addiw', immediate(w.i32_add)], ['slliw', immediate(w.i32_shl)], ['srliw', immediate(w.i32_shr_u)], ['sraiw', immediate(w.i32_shr_s)],
  ['andi', immediate(w.i32_and)], ['ori', immediate(w.i32_or)], ['xori', immediate(w.i32_xor)],
  ['lui', { kind: 'constant', op: 0, wide: 0 }],
  ['slt', { kind: 'compare registers', op: w.i32_lt_s, wide: w.i64_lt_s }], ['sltu', { kind: 'compare registers', op: w.i32_lt_u, wide: w.i64_lt_u }],
  ['slti', { kind: 'compare immediate', op: w.i32_lt_s, wide: w.i64_lt_s }], ['sltiu', { kind: 'compare immediate', op: w.i32_lt_u, wide: w.i64_lt_u }],
  ['divw', division(w.i32_div_s)], ['divuw', division(w.i32_div_u)], ['remw', division(w.i32_rem_s)], ['remuw', division(w.i32_rem_u)],
  ['beq', branch(w.i32_eq)], ['bne', branch(w.i32_ne)], ['blt', branch(w.i32_lt_s)], ['bge', branch(w.i32_ge_s)], ['bltu', branch(w.i32_lt_u)], ['bgeu', branch(w.i32_ge_u)],
]);

/** Emits `insn` if it computes in 32 bits, or compares two numbers of 32 bits; a branch leaves its condition. False: it does not. */
export function narrowOp(c: Body, x: XRegisters, insn: Insn, { kind, op, wide }: NarrowRow): boolean {
  const { rs1, rs2, imm } = insn;
  if (kind === 'branch') {
    if (!x.isNarrow(rs1) || !x.isNarrow(rs2)) return false;
    x.push32(rs1); x.push32(rs2); c.op(op);
    return true;
  }
  if (!makesNarrow(insn)) return false;
  switch (kind) {
    case 'constant': c.i32Const(imm); break;
    case 'divide': divide(c, x, insn, op); break;
    case 'registers':
      if (op === w.i32_add && (rs1 === 0 || rs2 === 0)) { x.push32(rs1 | rs2); break; }
      x.push32(rs1); x.push32(rs2); c.op(op);
      break;
    case 'immediate':
      if (imm === 0 && op === w.i32_and) c.i32Const(0);
      else if (rs1 === 0 && op === w.i32_add) c.i32Const(imm);
      else {
        x.push32(rs1);
        if (imm !== 0) { c.i32Const(imm); c.op(op); }
      }
      break;
    case 'compare registers':
      if (x.isNarrow(rs1) && x.isNarrow(rs2)) { x.push32(rs1); x.push32(rs2); c.op(op); }
      else { x.push(rs1); x.push(rs2); c.op(wide); }
      break;
    case 'compare immediate':
      if (x.isNarrow(rs1)) { x.push32(rs1); c.i32Const(imm); c.op(op); }
      else { x.push(rs1); c.i64Const(imm); c.op(wide); }
  }
  x.set32(insn.rd);
  return true;
}

/** WebAssembly traps where RISC-V has an answer. */
function divide(c: Body, x: XRegisters, { rs1, rs2 }: Insn, op: number): void {
  x.push32(rs2); c.op(w.i32_eqz);
  c.open(w.if_, w.i32);
  if (op === w.i32_rem_s || op === w.i32_rem_u) x.push32(rs1); else c.i32Const(-1);
  c.op(w.else_);
  // The least number by -1 is itself.
  if (op === w.i32_div_s) {
    x.push32(rs2); c.i32Const(-1); c.op(w.i32_eq);
    c.open(w.if_, w.i32);
    c.i32Const(0); x.push32(rs1); c.op(w.i32_sub);
    c.op(w.else_);
  }
  x.push32(rs1); x.push32(rs2); c.op(op);
  if (op === w.i32_div_s) c.end();
  c.end();
}
