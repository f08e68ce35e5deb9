// Suite tlb: what 2 MiB leaves would gain. The bare hart reads 256 MiB, sequentially and at random, mapped by 4 KiB and by 2 MiB leaves of the page table;
// TLB refills are counted in a run of their own, time is wall time of the best of four. 64 KiB, the same instructions: no refills at all.
import { PTE_A, PTE_D, PTE_R, PTE_U, PTE_V, PTE_W, TRAP_BREAKPOINT } from '../src/machine/machine.ts';
import { FlatMachine } from '../src/machine/hart/flat.ts';
import { assemble } from '../src/machine/isa/asm/assemble.ts';
import { addTranslator } from '../src/machine/jit/translator.ts';
import type { Report, Suite } from './suite.ts';

const CODE = 0x10000, DATA = 0x40000000, SMALL = 64 << 10, BIG = 256 << 20, HUGE = 2 << 20;
const RW = PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D;
const A0 = 10, A1 = 11, A2 = 12;
const LEAVES = ['4 KiB', '2 MiB'] as const;
const ROUNDS = 4;
/** By word: once through 256 MiB. */
const LOADS = { 'by word': 32 << 20, 'by page': 1 << 20, 'at random': 2 << 20 } as const;
type Way = keyof typeof LOADS;

/** a0: start, a1: size - 1, a2: how many loads. */
const PROGRAMS = {
  'by word': 'li t0, 0\n1: add t1, a0, t0\nld t2, 0(t1)\naddi t0, t0, 8\nand t0, t0, a1\naddi a2, a2, -1\nbnez a2, 1b\nebreak',
  'by page': 'li t0, 0\nli t3, 4096\n1: add t1, a0, t0\nld t2, 0(t1)\nadd t0, t0, t3\nand t0, t0, a1\naddi a2, a2, -1\nbnez a2, 1b\nebreak',
  'at random': `li t0, 88172645463325252
1: slli t1, t0, 13
xor t0, t0, t1
srli t1, t0, 7
xor t0, t0, t1
slli t1, t0, 17
xor t0, t0, t1
and t1, t0, a1
andi t1, t1, -8
add t1, t1, a0
ld t2, 0(t1)
addi a2, a2, -1
bnez a2, 1b
ebreak`,
} as const;

export const suite: Suite = {
  name: 'tlb',
  run(report) {
    for (const way of ['by word', 'by page', 'at random'] as const) {
      const machines = LEAVES.map(leaf => machine(way, leaf));
      for (const size of [SMALL, BIG]) measure(report, way, size, machines);
    }
    const m = machine('by page', '4 KiB');
    let ms = Infinity;
    for (let i = 0; i < ROUNDS; i++) {
      const start = performance.now();
      for (let pfn = 0; pfn < 8192; pfn++) m.ram.u8.fill(0, (20_000 + pfn) * 4096, (20_001 + pfn) * 4096);
      ms = Math.min(ms, performance.now() - start);
    }
    report('zeroing a page of 4 KiB', ms * 1e6 / 8192, 'ns');
  },
};

function measure(report: Report, way: Way, size: number, machines: readonly FlatMachine[]): void {
  const loads = LOADS[way];
  const refills = machines.map(m => countRefills(m, size, loads));
  const best = machines.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) machines.forEach((m, i) => { best[i] = Math.min(best[i]!, load(m, size, loads)); });
  machines.forEach((_, i) => {
    report(`${size === BIG ? '256 MiB' : '64 KiB'} ${way}, ${LEAVES[i]!} leaves, ${(refills[i]! * 100 / loads).toFixed(2)} % refills`, best[i]! * 1e6 / loads, 'ns');
  });
}

/** The second time, when what fits into the TLB is there. */
function countRefills(m: FlatMachine, size: number, loads: number): number {
  const { mmu } = m.hart;
  let n = 0;
  load(m, size, loads);
  mmu.refill = (hi, lo, access) => {
    n++;
    return Object.getPrototypeOf(mmu).refill.call(mmu, hi, lo, access);
  };
  load(m, size, loads);
  delete (mmu as Partial<typeof mmu>).refill;
  return n;
}

function load(m: FlatMachine, size: number, loads: number): number {
  m.setX(A0, DATA);
  m.setX(A1, size - 1);
  m.setX(A2, loads);
  m.setPc(CODE);
  const start = performance.now();
  const trap = m.hart.run(2 ** 40);
  if (trap !== TRAP_BREAKPOINT) throw new Error(`trap ${trap} at ${m.getPc().toString(16)}, ${m.hart.tval.toString(16)}`);
  return performance.now() - start;
}

function machine(way: Way, leaf: (typeof LEAVES)[number]): FlatMachine {
  const m = new FlatMachine(512 << 20);
  addTranslator(m.hart, m.ram, 'on');
  m.mapRange(CODE, CODE + 4096);
  m.write(CODE, assemble(PROGRAMS[way], CODE).bytes);
  if (leaf === '4 KiB') {
    m.mapRange(DATA, DATA + BIG);
    return m;
  }
  const { u32 } = m.ram;
  const table = m.frame();
  u32[m.root * 1024 + (DATA >>> 30) * 2] = table << 10 | PTE_V;
  let pfn = m.frame();
  while (pfn % 512 !== 0) pfn = m.frame();
  for (let i = 0; i < BIG / HUGE; i++) u32[table * 1024 + i * 2] = (pfn + i * 512) << 10 | RW;
  return m;
}
