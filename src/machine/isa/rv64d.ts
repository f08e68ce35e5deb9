// RV64D (RISC-V Unprivileged ISA, chapter "D Extension for Double-Precision Floating-Point").
import type { Row } from './row.ts';
import { floatRows } from './rv64fd.ts';

export const RV64D = {
  fld: { enc: 'imm[11:0] rs1 011 rd 0000111', asm: 'fd, imm(rs1)', sem: m => m.setFrd(m.load('i64', m.add(m.rs1(), m.imm()))) },
  fsd: { enc: 'imm[11:5] rs2 rs1 011 imm[4:0] 0100111', asm: 'fs2, imm(rs1)', sem: m => m.store('i64', m.add(m.rs1(), m.imm()), m.frs2Bits()) },
  ...floatRows('d'),
  'fcvt.s.d': { enc: '01000 00 00001 rs1 rm rd 1010011', asm: 'fd, fs1, rm', sem: m => m.float() },
  'fcvt.d.s': { enc: '01000 01 00000 rs1 rm rd 1010011', asm: 'fd, fs1, rm', sem: m => m.float() },
} satisfies Record<string, Row>;
