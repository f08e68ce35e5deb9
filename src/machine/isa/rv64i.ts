// RV64I (RISC-V Unprivileged ISA, chapters "RV32I" and "RV64I").
import type { Row } from './row.ts';

export const RV64I = {
  lui: { enc: 'imm[31:12] rd 0110111', asm: 'rd, imm20', sem: m => m.setRd(m.imm()) },
  auipc: { enc: 'imm[31:12] rd 0010111', asm: 'rd, imm20', sem: m => m.setRd(m.add(m.pc(), m.imm())) },

  jal: { enc: 'imm[20|10:1|11|19:12] rd 1101111', asm: 'rd, target', sem: m => { m.setRd(m.nextPc()); m.jump(); } },
  jalr: { enc: 'imm[11:0] rs1 000 rd 1100111', asm: 'rd, imm(rs1)', sem: m => {
    const target = m.let(m.add(m.rs1(), m.imm()));
    m.setRd(m.nextPc());
    m.jumpTo(m.get(target));
  } },
  beq: { enc: 'imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011', asm: 'rs1, rs2, target', sem: m => m.branch(m.eq(m.rs1(), m.rs2())) },
  bne: { enc: 'imm[12|10:5] rs2 rs1 001 imm[4:1|11] 1100011', asm: 'rs1, rs2, target', sem: m => m.branch(m.ne(m.rs1(), m.rs2())) },
  blt: { enc: 'imm[12|10:5] rs2 rs1 100 imm[4:1|11] 1100011', asm: 'rs1, rs2, target', sem: m => m.branch(m.ltS(m.rs1(), m.rs2())) },
  bge: { enc: 'imm[12|10:5] rs2 rs1 101 imm[4:1|11] 1100011', asm: 'rs1, rs2, target', sem: m => m.branch(m.geS(m.rs1(), m.rs2())) },
  bltu: { enc: 'imm[12|10:5] rs2 rs1 110 imm[4:1|11] 1100011', asm: 'rs1, rs2, target', sem: m => m.branch(m.ltU(m.rs1(), m.rs2())) },
  bgeu: { enc: 'imm[12|10:5] rs2 rs1 111 imm[4:1|11] 1100011', asm: 'rs1, rs2, target', sem: m => m.branch(m.geU(m.rs1(), m.rs2())) },

  lb: { enc: 'imm[11:0] rs1 000 rd 0000011', asm: 'rd, imm(rs1)', sem: m => m.setRd(m.load('i8', m.add(m.rs1(), m.imm()))) },
  lh: { enc: 'imm[11:0] rs1 001 rd 0000011', asm: 'rd, imm(rs1)', sem: m => m.setRd(m.load('i16', m.add(m.rs1(), m.imm()))) },
  lw: { enc: 'imm[11:0] rs1 010 rd 0000011', asm: 'rd, imm(rs1)', sem: m => m.setRd(m.load('i32', m.add(m.rs1(), m.imm()))) },
  ld: { enc: 'imm[11:0] rs1 011 rd 0000011', asm: 'rd, imm(rs1)', sem: m => m.setRd(m.load('i64', m.add(m.rs1(), m.imm()))) },
  lbu: { enc: 'imm[11:0] rs1 100 rd 0000011', asm: 'rd, imm(rs1)', sem: m => m.setRd(m.load('u8', m.add(m.rs1(), m.imm()))) },
  lhu: { enc: 'imm[11:0] rs1 101 rd 0000011', asm: 'rd, imm(rs1)', sem: m => m.setRd(m.load('u16', m.add(m.rs1(), m.imm()))) },
  lwu: { enc: 'imm[11:0] rs1 110 rd 0000011', asm: 'rd, imm(rs1)', sem: m => m.setRd(m.load('u32', m.add(m.rs1(), m.imm()))) },
  sb: { enc: 'imm[11:5] rs2 rs1 000 imm[4:0] 0100011', asm: 'rs2, imm(rs1)', sem: m => m.store('u8', m.add(m.rs1(), m.imm()), m.rs2()) },
  sh: { enc: 'imm[11:5] rs2 rs1 001 imm[4:0] 0100011', asm: 'rs2, imm(rs1)', sem: m => m.store('u16', m.add(m.rs1(), m.imm()), m.rs2()) },
  sw: { enc: 'imm[11:5] rs2 rs1 010 imm[4:0] 0100011', asm: 'rs2, imm(rs1)', sem: m => m.store('i32', m.add(m.rs1(), m.imm()), m.rs2()) },
  sd: { enc: 'imm[11:5] rs2 rs1 011 imm[4:0] 0100011', asm: 'rs2, imm(rs1)', sem: m => m.store('i64', m.add(m.rs1(), m.imm()), m.rs2()) },

  addi: { enc: 'imm[11:0] rs1 000 rd 0010011', asm: 'rd, rs1, imm', sem: m => m.setRd(m.add(m.rs1(), m.imm())) },
  slti: { enc: 'imm[11:0] rs1 010 rd 0010011', asm: 'rd, rs1, imm', sem: m => m.setRd(m.bool(m.ltS(m.rs1(), m.imm()))) },
  sltiu: { enc: 'imm[11:0] rs1 011 rd 0010011', asm: 'rd, rs1, imm', sem: m => m.setRd(m.bool(m.ltU(m.rs1(), m.imm()))) },
  xori: { enc: 'imm[11:0] rs1 100 rd 0010011', asm: 'rd, rs1, imm', sem: m => m.setRd(m.xor(m.rs1(), m.imm())) },
  ori: { enc: 'imm[11:0] rs1 110 rd 0010011', asm: 'rd, rs1, imm', sem: m => m.setRd(m.or(m.rs1(), m.imm())) },
  andi: { enc: 'imm[11:0] rs1 111 rd 0010011', asm: 'rd, rs1, imm', sem: m => m.setRd(m.and(m.rs1(), m.imm())) },
  slli: { enc: '000000 uimm[5:0] rs1 001 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.shl(m.rs1(), m.imm())) },
  srli: { enc: '000000 uimm[5:0] rs1 101 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.shrU(m.rs1(), m.imm())) },
  srai: { enc: '010000 uimm[5:0] rs1 101 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.shrS(m.rs1(), m.imm())) },

  add: { enc: '0000000 rs2 rs1 000 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.add(m.rs1(), m.rs2())) },
  sub: { enc: '0100000 rs2 rs1 000 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sub(m.rs1(), m.rs2())) },
  sll: { enc: '0000000 rs2 rs1 001 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.shl(m.rs1(), m.rs2())) },
  slt: { enc: '0000000 rs2 rs1 010 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.bool(m.ltS(m.rs1(), m.rs2()))) },
  sltu: { enc: '0000000 rs2 rs1 011 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.bool(m.ltU(m.rs1(), m.rs2()))) },
  xor: { enc: '0000000 rs2 rs1 100 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.xor(m.rs1(), m.rs2())) },
  srl: { enc: '0000000 rs2 rs1 101 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.shrU(m.rs1(), m.rs2())) },
  sra: { enc: '0100000 rs2 rs1 101 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.shrS(m.rs1(), m.rs2())) },
  or: { enc: '0000000 rs2 rs1 110 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.or(m.rs1(), m.rs2())) },
  and: { enc: '0000000 rs2 rs1 111 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.and(m.rs1(), m.rs2())) },

  addiw: { enc: 'imm[11:0] rs1 000 rd 0011011', asm: 'rd, rs1, imm', sem: m => m.setRd(m.sext32(m.add(m.rs1(), m.imm()))) },
  slliw: { enc: '0000000 uimm[4:0] rs1 001 rd 0011011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.sext32(m.shl(m.rs1(), m.imm()))) },
  srliw: { enc: '0000000 uimm[4:0] rs1 101 rd 0011011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.sext32(m.shrU(m.zext32(m.rs1()), m.imm()))) },
  sraiw: { enc: '0100000 uimm[4:0] rs1 101 rd 0011011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.shrS(m.sext32(m.rs1()), m.imm())) },
  addw: { enc: '0000000 rs2 rs1 000 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.add(m.rs1(), m.rs2()))) },
  subw: { enc: '0100000 rs2 rs1 000 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.sub(m.rs1(), m.rs2()))) },
  sllw: { enc: '0000000 rs2 rs1 001 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.shl(m.rs1(), m.and(m.rs2(), m.const(31))))) },
  srlw: { enc: '0000000 rs2 rs1 101 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.shrU(m.zext32(m.rs1()), m.and(m.rs2(), m.const(31))))) },
  sraw: { enc: '0100000 rs2 rs1 101 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.shrS(m.sext32(m.rs1()), m.and(m.rs2(), m.const(31)))) },

  // One hart runs one task at a time and devices are called synchronously: every fence is already kept.
  fence: { enc: '---- uimm[7:0] ----- 000 ----- 0001111', asm: 'pred, succ', sem: m => m.nop() },
  pause: { enc: '0000 0001 0000 00000 000 00000 0001111', asm: '', sem: m => m.nop() },
  'fence.tso': { enc: '1000 0011 0011 00000 000 00000 0001111', asm: '', sem: m => m.nop() },
  ecall: { enc: '000000000000 00000 000 00000 1110011', asm: '', sem: m => m.system('ecall') },
  ebreak: { enc: '000000000001 00000 000 00000 1110011', asm: '', sem: m => m.system('ebreak') },
} satisfies Record<string, Row>;
