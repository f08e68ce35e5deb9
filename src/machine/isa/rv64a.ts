// RV64A (RISC-V Unprivileged ISA, chapter "A Extension for Atomic Instructions"). Harts take turns, so plain loads and stores are atomic;
// aq and rl ask for nothing more. Misaligned addresses trap.
import type { Ops } from './ops.ts';
import type { Row } from './row.ts';

type AtomicWidth = 'i32' | 'i64';

/** What an AMO stores, from the old value in memory and rs2. */
type Modify = <V, C, L>(m: Ops<V, C, L>, old: () => V, src: () => V) => V;

export const RV64A = {
  ...loadReserved('lr.w', 'i32'),
  ...loadReserved('lr.d', 'i64'),
  ...storeConditional('sc.w', 'i32'),
  ...storeConditional('sc.d', 'i64'),
  ...amo('amoswap', '00001', (_m, _old, src) => src()),
  ...amo('amoadd', '00000', (m, old, src) => m.add(old(), src())),
  ...amo('amoxor', '00100', (m, old, src) => m.xor(old(), src())),
  ...amo('amoand', '01100', (m, old, src) => m.and(old(), src())),
  ...amo('amoor', '01000', (m, old, src) => m.or(old(), src())),
  // For the 32-bit forms old and src are both sign-extended, which keeps the unsigned order too.
  ...amo('amomin', '10000', (m, old, src) => m.select(old(), src(), m.ltS(old(), src()))),
  ...amo('amomax', '10100', (m, old, src) => m.select(src(), old(), m.ltS(old(), src()))),
  ...amo('amominu', '11000', (m, old, src) => m.select(old(), src(), m.ltU(old(), src()))),
  ...amo('amomaxu', '11100', (m, old, src) => m.select(src(), old(), m.ltU(old(), src()))),
} satisfies Record<string, Row>;

function loadReserved(name: string, width: AtomicWidth): Record<string, Row> {
  return { [name]: { enc: `00010 - - 00000 rs1 ${funct3(width)} rd 0101111`, asm: 'rd, (rs1)', sem: m => {
    m.atomic(width, m.rs1(), 'read');
    const v = m.let(m.atomicLoad(width));
    m.reserve(width, m.get(v));
    m.setRd(m.get(v));
  } } };
}

function storeConditional(name: string, width: AtomicWidth): Record<string, Row> {
  return { [name]: { enc: `00011 - - rs2 rs1 ${funct3(width)} rd 0101111`, asm: 'rd, rs2, (rs1)', sem: m => {
    m.atomic(width, m.rs1(), 'write');
    m.setRd(m.storeConditional(width, m.rs2()));
  } } };
}

function amo(name: string, funct5: string, modify: Modify): Record<string, Row> {
  const rows: Record<string, Row> = {};
  for (const width of ['i32', 'i64'] as const) {
    rows[`${name}.${width === 'i32' ? 'w' : 'd'}`] = { enc: `${funct5} - - rs2 rs1 ${funct3(width)} rd 0101111`, asm: 'rd, rs2, (rs1)', sem: m => {
      m.atomic(width, m.rs1(), 'write');
      const old = m.let(m.atomicLoad(width));
      m.atomicStore(width, modify(m, () => m.get(old), () => width === 'i32' ? m.sext32(m.rs2()) : m.rs2()));
      m.setRd(m.get(old));
    } };
  }
  return rows;
}

function funct3(width: AtomicWidth): string { return width === 'i32' ? '010' : '011'; }
