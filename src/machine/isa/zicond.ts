// Zicond: integer conditional operations (RISC-V Unprivileged ISA, chapter "Zicond").
import type { Row } from './row.ts';

export const ZICOND = {
  'czero.eqz': { enc: '0000111 rs2 rs1 101 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.select(m.const(0), m.rs1(), m.eq(m.rs2(), m.const(0)))) },
  'czero.nez': { enc: '0000111 rs2 rs1 111 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.select(m.const(0), m.rs1(), m.ne(m.rs2(), m.const(0)))) },
} satisfies Record<string, Row>;
