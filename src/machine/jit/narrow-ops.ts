// Instructions on 32-bit numbers as WebAssembly's own: what the tables say in 64 bits (isa/rv64i.ts), said in i32.
import * as w from '../wasm/opcodes.ts';
import type { Body } from './body.ts';
import type { Insn } from './insn.ts';
import { makesNarrow } from './widths.ts';
import type { XRegisters } from './x-registers.ts';

/** Two registers; wasm takes shift amounts modulo 32, as RISC-V does. */
const REGISTERS: ReadonlyMap<string, number> = new Map([
  ['addw', w.i32_add], ['subw', w.i32_sub], ['mulw', w.i32_mul], ['sllw', w.i32_shl], ['srlw', w.i32_shr_u], ['sraw', w.i32_shr_s],
  ['and', w.i32_and], ['or', w.i32_or], ['xor', w.i32_xor],
]);
/** A register and an immediate. */
const IMMEDIATES: ReadonlyMap<string, number> = new Map([
  ['addi', w.i32_add], ['addiw', w.i32_add], ['slliw', w.i32_shl], ['srliw', w.i32_shr_u], ['sraiw', w.i32_shr_s],
  ['andi', w.i32_and], ['ori', w.i32_or], ['xori', w.i32_xor],
]);
/** Comparisons: with 32 bits, with 64. Sign extension keeps both orders. */
const COMPARISONS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['slt', [w.i32_lt_s, w.i64_lt_s]], ['slti', [w.i32_lt_s, w.i64_lt_s]], ['sltu', [w.i32_lt_u, w.i64_lt_u]], ['sltiu', [w.i32_lt_u, w.i64_lt_u]],
]);
const BRANCHES: ReadonlyMap<string, number> = new Map([
  ['beq', w.i32_eq], ['bne', w.i32_ne], ['blt', w.i32_lt_s], ['bge', w.i32_ge_s], ['bltu', w.i32_lt_u], ['bgeu', w.i32_ge_u],
]);

/** Emits `insn` if it computes in 32 bits, or compares two numbers of 32 bits; a branch leaves its condition. False: it does not. */
export function narrowOp(c: Body, x: XRegisters, insn: Insn): boolean {
  const { name } = insn.insn!, { rd, rs1, rs2, imm } = insn;
  const branch = BRANCHES.get(name);
  if (branch !== undefined) {
    if (!x.isNarrow(rs1) || !x.isNarrow(rs2)) return false;
    x.push32(rs1); x.push32(rs2); c.op(branch);
    return true;
  }
  if (!makesNarrow(insn)) return false;
  const binary = REGISTERS.get(name), immediate = IMMEDIATES.get(name), comparison = COMPARISONS.get(name);
  if (name === 'lui' || name === 'addi' && rs1 === 0) c.i32Const(imm);
  else if (binary !== undefined) { x.push32(rs1); x.push32(rs2); c.op(binary); }
  else if (immediate !== undefined) {
    x.push32(rs1);
    if (imm !== 0) { c.i32Const(imm); c.op(immediate); }
    else if (name === 'andi') { c.op(w.drop); c.i32Const(0); }
  } else if (comparison !== undefined) compare(c, x, insn, comparison);
  else return false;
  x.set32(rd);
  return true;
}

function compare(c: Body, x: XRegisters, insn: Insn, [narrow, wide]: readonly [number, number]): void {
  const { rs1, rs2, imm } = insn, isImmediate = insn.insn!.name.includes('i');
  if (x.isNarrow(rs1) && (isImmediate || x.isNarrow(rs2))) {
    x.push32(rs1);
    if (isImmediate) c.i32Const(imm); else x.push32(rs2);
    c.op(narrow);
    return;
  }
  x.push(rs1);
  if (isImmediate) c.i64Const(imm); else x.push(rs2);
  c.op(wide);
}
