// Zbs: single-bit instructions (RISC-V Unprivileged ISA, chapter "B Extension for Bit Manipulation").
import type { Row } from './row.ts';

export const ZBS = {
  bclr: { enc: '0100100 rs2 rs1 001 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.and(m.rs1(), m.rotl(m.const(-2), m.rs2()))) },
  bclri: { enc: '010010 uimm[5:0] rs1 001 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.and(m.rs1(), m.rotl(m.const(-2), m.imm()))) },
  bext: { enc: '0100100 rs2 rs1 101 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.and(m.shrU(m.rs1(), m.rs2()), m.const(1))) },
  bexti: { enc: '010010 uimm[5:0] rs1 101 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.and(m.shrU(m.rs1(), m.imm()), m.const(1))) },
  binv: { enc: '0110100 rs2 rs1 001 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.xor(m.rs1(), m.shl(m.const(1), m.rs2()))) },
  binvi: { enc: '011010 uimm[5:0] rs1 001 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.xor(m.rs1(), m.shl(m.const(1), m.imm()))) },
  bset: { enc: '0010100 rs2 rs1 001 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.or(m.rs1(), m.shl(m.const(1), m.rs2()))) },
  bseti: { enc: '001010 uimm[5:0] rs1 001 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.or(m.rs1(), m.shl(m.const(1), m.imm()))) },
} satisfies Record<string, Row>;
