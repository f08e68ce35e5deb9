// RV64C (RISC-V Unprivileged ISA, chapter "C Extension for Compressed Instructions"). Every row is another spelling of a 32-bit row; HINTs execute as what they
// expand to. rd' rs1' rs2' are the eight registers x8 to x15 (or f8 to f15).
import type { CompressedRow } from './row.ts';

const SP = 2;

export const RVC: Readonly<Record<string, CompressedRow>> = {
  'c.addi4spn': { enc: "000 uimm[5:4|9:6|2|3] rd' 00", asm: "rd', sp, uimm", to: 'addi', with: { rs1: SP }, not: { imm: [0] } },
  'c.fld': { enc: "001 uimm[5:3] rs1' uimm[7:6] rd' 00", asm: "fd', uimm(rs1')", to: 'fld' },
  'c.lw': { enc: "010 uimm[5:3] rs1' uimm[2|6] rd' 00", asm: "rd', uimm(rs1')", to: 'lw' },
  'c.ld': { enc: "011 uimm[5:3] rs1' uimm[7:6] rd' 00", asm: "rd', uimm(rs1')", to: 'ld' },
  'c.fsd': { enc: "101 uimm[5:3] rs1' uimm[7:6] rs2' 00", asm: "fs2', uimm(rs1')", to: 'fsd' },
  'c.sw': { enc: "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", asm: "rs2', uimm(rs1')", to: 'sw' },
  'c.sd': { enc: "111 uimm[5:3] rs1' uimm[7:6] rs2' 00", asm: "rs2', uimm(rs1')", to: 'sd' },

  'c.nop': { enc: '000 0 00000 00000 01', asm: '', to: 'addi', with: { rd: 0, rs1: 0 } },
  'c.addi': { enc: '000 imm[5] rd imm[4:0] 01', asm: 'rd, imm', to: 'addi', with: { rs1: 'rd' } },
  'c.addiw': { enc: '001 imm[5] rd imm[4:0] 01', asm: 'rd, imm', to: 'addiw', with: { rs1: 'rd' }, not: { rd: [0] } },
  'c.li': { enc: '010 imm[5] rd imm[4:0] 01', asm: 'rd, imm', to: 'addi', with: { rs1: 0 } },
  'c.addi16sp': { enc: '011 imm[9] 00010 imm[4|6|8:7|5] 01', asm: 'sp, imm', to: 'addi', with: { rd: SP, rs1: SP }, not: { imm: [0] } },
  'c.lui': { enc: '011 imm[17] rd imm[16:12] 01', asm: 'rd, imm20', to: 'lui', not: { imm: [0] } },
  'c.srli': { enc: "100 uimm[5] 00 rd' uimm[4:0] 01", asm: "rd', uimm", to: 'srli', with: { rs1: 'rd' } },
  'c.srai': { enc: "100 uimm[5] 01 rd' uimm[4:0] 01", asm: "rd', uimm", to: 'srai', with: { rs1: 'rd' } },
  'c.andi': { enc: "100 imm[5] 10 rd' imm[4:0] 01", asm: "rd', imm", to: 'andi', with: { rs1: 'rd' } },
  'c.sub': { enc: "100011 rd' 00 rs2' 01", asm: "rd', rs2'", to: 'sub', with: { rs1: 'rd' } },
  'c.xor': { enc: "100011 rd' 01 rs2' 01", asm: "rd', rs2'", to: 'xor', with: { rs1: 'rd' } },
  'c.or': { enc: "100011 rd' 10 rs2' 01", asm: "rd', rs2'", to: 'or', with: { rs1: 'rd' } },
  'c.and': { enc: "100011 rd' 11 rs2' 01", asm: "rd', rs2'", to: 'and', with: { rs1: 'rd' } },
  'c.subw': { enc: "100111 rd' 00 rs2' 01", asm: "rd', rs2'", to: 'subw', with: { rs1: 'rd' } },
  'c.addw': { enc: "100111 rd' 01 rs2' 01", asm: "rd', rs2'", to: 'addw', with: { rs1: 'rd' } },
  'c.j': { enc: '101 imm[11|4|9:8|10|6|7|3:1|5] 01', asm: 'target', to: 'jal', with: { rd: 0 } },
  'c.beqz': { enc: "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", asm: "rs1', target", to: 'beq', with: { rs2: 0 } },
  'c.bnez': { enc: "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", asm: "rs1', target", to: 'bne', with: { rs2: 0 } },

  'c.slli': { enc: '000 uimm[5] rd uimm[4:0] 10', asm: 'rd, uimm', to: 'slli', with: { rs1: 'rd' } },
  'c.fldsp': { enc: '001 uimm[5] rd uimm[4:3|8:6] 10', asm: 'fd, uimm(sp)', to: 'fld', with: { rs1: SP } },
  'c.lwsp': { enc: '010 uimm[5] rd uimm[4:2|7:6] 10', asm: 'rd, uimm(sp)', to: 'lw', with: { rs1: SP }, not: { rd: [0] } },
  'c.ldsp': { enc: '011 uimm[5] rd uimm[4:3|8:6] 10', asm: 'rd, uimm(sp)', to: 'ld', with: { rs1: SP }, not: { rd: [0] } },
  'c.jr': { enc: '1000 rs1 00000 10', asm: 'rs1', to: 'jalr', with: { rd: 0, imm: 0 }, not: { rs1: [0] } },
  'c.mv': { enc: '1000 rd rs2 10', asm: 'rd, rs2', to: 'add', with: { rs1: 0 }, not: { rs2: [0] } },
  'c.ebreak': { enc: '1001 00000 00000 10', asm: '', to: 'ebreak' },
  'c.jalr': { enc: '1001 rs1 00000 10', asm: 'rs1', to: 'jalr', with: { rd: 1, imm: 0 }, not: { rs1: [0] } },
  'c.add': { enc: '1001 rd rs2 10', asm: 'rd, rs2', to: 'add', with: { rs1: 'rd' }, not: { rs2: [0] } },
  'c.fsdsp': { enc: '101 uimm[5:3|8:6] rs2 10', asm: 'fs2, uimm(sp)', to: 'fsd', with: { rs1: SP } },
  'c.swsp': { enc: '110 uimm[5:2|7:6] rs2 10', asm: 'rs2, uimm(sp)', to: 'sw', with: { rs1: SP } },
  'c.sdsp': { enc: '111 uimm[5:3|8:6] rs2 10', asm: 'rs2, uimm(sp)', to: 'sd', with: { rs1: SP } },
};
