// RV64F (RISC-V Unprivileged ISA, chapter "F Extension for Single-Precision Floating-Point"). A single in an f register carries ones above it (NaN boxing).
import type { Row } from './row.ts';
import { floatRows } from './rv64fd.ts';

export const RV64F = {
  flw: { enc: 'imm[11:0] rs1 010 rd 0000111', asm: 'fd, imm(rs1)', sem: m => m.setFrd(m.or(m.load('u32', m.add(m.rs1(), m.imm())), m.const(0, -1))) },
  fsw: { enc: 'imm[11:5] rs2 rs1 010 imm[4:0] 0100111', asm: 'fs2, imm(rs1)', sem: m => m.store('i32', m.add(m.rs1(), m.imm()), m.frs2Bits()) },
  ...floatRows('s'),
} satisfies Record<string, Row>;
