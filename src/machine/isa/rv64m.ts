// RV64M (RISC-V Unprivileged ISA, chapter "M Extension for Integer Multiplication and Division").
import type { Ops } from './ops.ts';
import type { Row } from './row.ts';

export const RV64M = {
  mul: { enc: '0000001 rs2 rs1 000 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.mul(m.rs1(), m.rs2())) },
  mulh: { enc: '0000001 rs2 rs1 001 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(lessIfNegative(m, lessIfNegative(m, high(m), 'rs1'), 'rs2')) },
  mulhsu: { enc: '0000001 rs2 rs1 010 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(lessIfNegative(m, high(m), 'rs1')) },
  mulhu: { enc: '0000001 rs2 rs1 011 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(high(m)) },
  div: { enc: '0000001 rs2 rs1 100 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.divS(m.rs1(), m.rs2())) },
  divu: { enc: '0000001 rs2 rs1 101 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.divU(m.rs1(), m.rs2())) },
  rem: { enc: '0000001 rs2 rs1 110 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.remS(m.rs1(), m.rs2())) },
  remu: { enc: '0000001 rs2 rs1 111 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.remU(m.rs1(), m.rs2())) },
  mulw: { enc: '0000001 rs2 rs1 000 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.mul(m.rs1(), m.rs2()))) },
  // The 32-bit forms are the 64-bit ones on extended operands: -2^31 / -1 and division by zero come out right after sext32.
  divw: { enc: '0000001 rs2 rs1 100 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.divS(m.sext32(m.rs1()), m.sext32(m.rs2())))) },
  divuw: { enc: '0000001 rs2 rs1 101 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.divU(m.zext32(m.rs1()), m.zext32(m.rs2())))) },
  remw: { enc: '0000001 rs2 rs1 110 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.remS(m.sext32(m.rs1()), m.sext32(m.rs2())))) },
  remuw: { enc: '0000001 rs2 rs1 111 rd 0111011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.sext32(m.remU(m.zext32(m.rs1()), m.zext32(m.rs2())))) },
} satisfies Record<string, Row>;

function high<V, C, L>(m: Ops<V, C, L>): V { return m.mulHighU(m.rs1(), m.rs2()); }

/** A signed factor read as unsigned is 2^64 too big when negative: the high half is then too big by the other factor. */
function lessIfNegative<V, C, L>(m: Ops<V, C, L>, high: V, signed: 'rs1' | 'rs2'): V {
  const sign = m.shrS(m[signed](), m.const(63));
  return m.sub(high, m.and(sign, m[signed === 'rs1' ? 'rs2' : 'rs1']()));
}
