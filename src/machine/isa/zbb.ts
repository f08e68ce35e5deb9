// Zbb: basic bit manipulation (RISC-V Unprivileged ISA, chapter "B Extension for Bit Manipulation").
import type { Ops } from './ops.ts';
import type { Row } from './row.ts';

export const ZBB = {
  andn: { enc: '0100000 rs2 rs1 111 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.and(m.rs1(), m.xor(m.rs2(), m.const(-1)))) },
  orn: { enc: '0100000 rs2 rs1 110 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.or(m.rs1(), m.xor(m.rs2(), m.const(-1)))) },
  xnor: { enc: '0100000 rs2 rs1 100 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.xor(m.xor(m.rs1(), m.rs2()), m.const(-1))) },
  clz: { enc: '0110000 00000 rs1 001 rd 0010011', asm: 'rd, rs1', sem: m => m.setRd(m.clz(m.rs1())) },
  ctz: { enc: '0110000 00001 rs1 001 rd 0010011', asm: 'rd, rs1', sem: m => m.setRd(m.ctz(m.rs1())) },
  cpop: { enc: '0110000 00010 rs1 001 rd 0010011', asm: 'rd, rs1', sem: m => m.setRd(m.popcnt(m.rs1())) },
  clzw: { enc: '0110000 00000 rs1 001 rd 0011011', asm: 'rd, rs1', sem: m => m.setRd(m.sub(m.clz(m.zext32(m.rs1())), m.const(32))) },
  // A one above bit 31 makes ctz of an all-zero word 32.
  ctzw: { enc: '0110000 00001 rs1 001 rd 0011011', asm: 'rd, rs1', sem: m => m.setRd(m.ctz(m.or(m.rs1(), m.const(0, 1)))) },
  cpopw: { enc: '0110000 00010 rs1 001 rd 0011011', asm: 'rd, rs1', sem: m => m.setRd(m.popcnt(m.zext32(m.rs1()))) },
  max: { enc: '0000101 rs2 rs1 110 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.select(m.rs2(), m.rs1(), m.ltS(m.rs1(), m.rs2()))) },
  maxu: { enc: '0000101 rs2 rs1 111 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.select(m.rs2(), m.rs1(), m.ltU(m.rs1(), m.rs2()))) },
  min: { enc: '0000101 rs2 rs1 100 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.select(m.rs1(), m.rs2(), m.ltS(m.rs1(), m.rs2()))) },
  minu: { enc: '0000101 rs2 rs1 101 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.select(m.rs1(), m.rs2(), m.ltU(m.rs1(), m.rs2()))) },
  'sext.b': { enc: '0110000 00100 rs1 001 rd 0010011', asm: 'rd, rs1', sem: m => m.setRd(m.sext8(m.rs1())) },
  'sext.h': { enc: '0110000 00101 rs1 001 rd 0010011', asm: 'rd, rs1', sem: m => m.setRd(m.sext16(m.rs1())) },
  'zext.h': { enc: '0000100 00000 rs1 100 rd 0111011', asm: 'rd, rs1', sem: m => m.setRd(m.and(m.rs1(), m.const(0xffff))) },
  rol: { enc: '0110000 rs2 rs1 001 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.rotl(m.rs1(), m.rs2())) },
  ror: { enc: '0110000 rs2 rs1 101 rd 0110011', asm: 'rd, rs1, rs2', sem: m => m.setRd(m.rotr(m.rs1(), m.rs2())) },
  rori: { enc: '011000 uimm[5:0] rs1 101 rd 0010011', asm: 'rd, rs1, uimm', sem: m => m.setRd(m.rotr(m.rs1(), m.imm())) },
  // A 32-bit rotate to the right is a shift of the word doubled; to the left, a shift of the doubled word whose upper half is kept.
  rolw: { enc: '0110000 rs2 rs1 001 rd 0111011', asm: 'rd, rs1, rs2', sem: m => {
    const twice = doubled(m);
    m.setRd(m.shrS(m.shl(m.get(twice), m.and(m.rs2(), m.const(31))), m.const(32)));
  } },
  rorw: { enc: '0110000 rs2 rs1 101 rd 0111011', asm: 'rd, rs1, rs2', sem: m => {
    const twice = doubled(m);
    m.setRd(m.sext32(m.shrU(m.get(twice), m.and(m.rs2(), m.const(31)))));
  } },
  roriw: { enc: '0110000 uimm[4:0] rs1 101 rd 0011011', asm: 'rd, rs1, uimm', sem: m => {
    const twice = doubled(m);
    m.setRd(m.sext32(m.shrU(m.get(twice), m.imm())));
  } },
  'orc.b': { enc: '001010000111 rs1 101 rd 0010011', asm: 'rd, rs1', sem: m => {
    // Adding 0x7f to the low seven bits carries into bit 7 unless they are zero; no carry crosses a byte.
    const low7 = m.and(m.rs1(), m.const(0x7f7f7f7f, 0x7f7f7f7f));
    const carried = m.or(m.add(low7, m.const(0x7f7f7f7f, 0x7f7f7f7f)), m.rs1());
    const ones = m.and(m.shrU(carried, m.const(7)), m.const(0x01010101, 0x01010101));
    m.setRd(m.mul(ones, m.const(255)));
  } },
  rev8: { enc: '011010111000 rs1 101 rd 0010011', asm: 'rd, rs1', sem: m => {
    const bytes = m.let(swap(m, m.let(m.rs1()), 8, 0x00ff00ff));
    const halves = m.let(swap(m, bytes, 16, 0x0000ffff));
    m.setRd(m.rotl(m.get(halves), m.const(32)));
  } },
} satisfies Record<string, Row>;

/** The low word of rs1 in both halves. */
function doubled<V, C, L>(m: Ops<V, C, L>): L {
  return m.let(m.or(m.zext32(m.rs1()), m.shl(m.rs1(), m.const(32))));
}

/** Exchanges neighbouring groups of `n` bits; `mask` marks the lower group of each pair. */
function swap<V, C, L>(m: Ops<V, C, L>, v: L, n: number, mask: number): V {
  const up = m.shl(m.and(m.get(v), m.const(mask, mask)), m.const(n));
  return m.or(up, m.and(m.shrU(m.get(v), m.const(n)), m.const(mask, mask)));
}
