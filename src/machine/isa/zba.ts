// Zba: address generation (RISC-V Unprivileged ISA, chapter "B Extension for Bit Manipulation").
import type { Row } from './row.ts';

export const ZBA = {
  'add.uw': { enc: '0000100 rs2 rs1 000 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.zext32(m.rs1()), m.rs2())) },
  sh1add: { enc: '0010000 rs2 rs1 010 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.shl(m.rs1(), m.const(1)), m.rs2())) },
  sh2add: { enc: '0010000 rs2 rs1 100 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.shl(m.rs1(), m.const(2)), m.rs2())) },
  sh3add: { enc: '0010000 rs2 rs1 110 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.shl(m.rs1(), m.const(3)), m.rs2())) },
  'sh1add.uw': { enc: '0010000 rs2 rs1 010 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.shl(m.zext32(m.rs1()), m.const(1)), m.rs2())) },
  'sh2add.uw': { enc: '0010000 rs2 rs1 100 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.shl(m.zext32(m.rs1()), m.const(2)), m.rs2())) },
  'sh3add.uw': { enc: '0010000 rs2 rs1 110 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.shl(m.zext32(m.rs1()), m.const(3)), m.rs2())) },
  'slli.uw': { enc: '000010 uimm[5:0] rs1 001 rd 0011011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.shl(m.zext32(m.rs1()), m.imm())) },
} satisfies Record<string, Row>;
