// Translations of earlier machines in later ones: random programs run as the interpreter runs them, whoever translated them; what does not fit is left alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../src/machine/isa/asm/assemble.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';
import { addTranslator, type Translator } from '../../src/machine/jit/translator.ts';
import { ACCESS_WRITE, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, TRAP_BREAKPOINT } from '../../src/machine/machine.ts';
import { Differ, type DifferKind } from './differ.ts';
import { MemoryStore } from './memory-store.ts';

// What they translate must have places in the table of a small machine.
const RUNS = Math.min(60, Number(process.env['KSPACE_DIFFER'] ?? 40)), FIRST = Number(process.env['KSPACE_SEED'] ?? 1);

for (const kind of ['all', 'float', 'walk'] as const satisfies readonly DifferKind[]) {
  test(`random programs (${kind}) run alike with the translations of three machines before`, t => {
    const store = new MemoryStore(), adopted: number[] = [], made: number[] = [];
    for (let machine = 0; machine < 4; machine++) {
      const d = new Differ('eager', kind, store), { translator } = d.translated;
      for (let seed = FIRST; seed < FIRST + RUNS; seed++) d.run(seed);
      translator!.keep();
      adopted.push(translator!.statistics.adopted);
      made.push(translator!.statistics.regions);
    }
    t.diagnostic(`adopted ${adopted.join(' ')}, translated ${made.join(' ')}`);
    assert.equal(adopted[0], 0);
    // Programs of kind all write to their own code: what they have changed is not kept.
    assert.ok(adopted[1]! > 0 && made[3]! < made[0]! * (kind === 'all' ? 0.55 : 0.25), 'later machines translate little');
  });
}

const CODE = 0x10000, LOOP = `
  li a0, 0
  li a1, 100000
again: addi a0, a0, 1
  bne a0, a1, again
  ebreak
`;

/** Runs a program from CODE on, on pages of code that begin at frame `at`, counted from the first that is free. */
function run(store: MemoryStore, source: string, at: number): { m: FlatMachine; translator: Translator } {
  const m = new FlatMachine(16 << 20), { bytes } = assemble(source, CODE), translator = addTranslator(m.hart, m.ram, 'on', store);
  translator.makeCheap();
  for (let i = 0; i < at; i++) m.frame();
  const pfn = m.frame();
  m.ram.u8.set(bytes, pfn * 4096);
  m.map(CODE, PTE_V | PTE_R | PTE_X | PTE_U, pfn);
  m.setPc(CODE);
  while (m.hart.run(1_000_000) !== TRAP_BREAKPOINT) assert.ok(m.hart.instret < 10_000_000);
  translator.keep();
  return { m, translator };
}

test('a loop is translated once, wherever its page is', () => {
  const store = new MemoryStore(), first = run(store, LOOP, 3), second = run(store, LOOP, 40);
  assert.deepEqual([first.translator.statistics.regions, first.translator.statistics.adopted], [1, 0]);
  assert.deepEqual([second.translator.statistics.regions, second.translator.statistics.adopted], [0, 1]);
  assert.equal(second.m.getX(10), 100000);
  assert.equal(second.m.hart.instret, first.m.hart.instret);
  assert.equal(store.modules.length, 1, 'nothing new, nothing kept');
});

test('other instructions behind the same sum are not taken for those that were translated', () => {
  const store = new MemoryStore();
  run(store, LOOP, 3);
  const [kept] = store.modules, lied = LOOP.replace('addi a0, a0, 1', 'addi a0, a0, 2'), other = run(new MemoryStore(), lied, 3).translator;
  assert.equal(other.statistics.regions, 1);
  // As if the sums of both pages were equal.
  const found = new MemoryStore();
  run(found, lied, 3);
  const { sum } = found.modules[0]!.regions[0]!;
  store.modules = [{ ...kept!, regions: kept!.regions.map(r => ({ ...r, sum })) }];
  const { m, translator } = run(store, lied, 3);
  assert.ok(store.opened > 0);
  assert.deepEqual([translator.statistics.adopted, translator.statistics.regions, m.getX(10)], [0, 1, 100000]);
});

test('what a program has written over is not kept', () => {
  const store = new MemoryStore(), m = new FlatMachine(16 << 20), translator = addTranslator(m.hart, m.ram, 'on', store), pfn = m.frame(), other = m.frame();
  translator.makeCheap();
  for (const [i, frame] of [pfn, other].entries()) {
    m.ram.u8.set(assemble(LOOP, CODE).bytes, frame * 4096);
    // Pages that differ.
    m.ram.u32[frame * 1024 + 1000] = i;
    m.map(CODE + i * 4096, PTE_V | PTE_R | PTE_W | PTE_X | PTE_U, frame);
    m.setPc(CODE + i * 4096);
    while (m.hart.run(1_000_000) !== TRAP_BREAKPOINT);
  }
  assert.equal(translator.statistics.regions, 2);
  m.hart.mmu.translate(CODE, ACCESS_WRITE);
  translator.keep();
  assert.deepEqual(store.modules.map(x => x.regions.length), [1]);
});

test('code that is written over is translated anew, and adopted again when it is back', () => {
  const store = new MemoryStore();
  run(store, LOOP, 3);
  const { m, translator } = run(store, LOOP, 3), pfn = m.hart.mmu.translate(CODE, 0) >>> 12, { u8 } = m.ram;
  const again = (source: string): void => {
    m.hart.invalidateCode(pfn);
    u8.set(assemble(source, CODE).bytes, pfn * 4096);
    m.setPc(CODE);
    while (m.hart.run(1_000_000) !== TRAP_BREAKPOINT);
  };
  again(LOOP.replace('100000', '50000').replace('addi a0, a0, 1', 'addi a0, a0, 5'));
  assert.equal(m.getX(10), 50000);
  assert.equal(translator.statistics.adopted, 1);
  again(LOOP);
  assert.equal(m.getX(10), 100000);
  assert.equal(translator.statistics.adopted, 2);
});

test('code that lies apart is kept apart, and opened when enough of it is executed', () => {
  const store = new MemoryStore(), m = new FlatMachine(16 << 20), near = 20, far = 1;
  const go = (machine: FlatMachine, page: number): void => {
    const at = CODE + page * 4096, pfn = machine.frame();
    machine.ram.u8.set(assemble(LOOP.replace('a0, 0', `a0, ${page % 500}`), at).bytes, pfn * 4096);
    machine.map(at, PTE_V | PTE_R | PTE_X | PTE_U, pfn);
    machine.setPc(at);
    while (machine.hart.run(1_000_000) !== TRAP_BREAKPOINT);
  };
  const first = addTranslator(m.hart, m.ram, 'on', store);
  first.makeCheap();
  for (let i = 0; i < near + far; i++) go(m, i < near ? i : 1000 + i);
  first.keep();
  assert.deepEqual(store.modules.map(s => s.regions.length), [near, far]);
  const other = new FlatMachine(16 << 20), second = addTranslator(other.hart, other.ram, 'on', store);
  go(other, 0);
  assert.deepEqual([store.opened, second.statistics.adopted], [0, 0], 'one page in twenty');
  go(other, 1);
  assert.deepEqual([store.opened, second.statistics.adopted], [1, 2]);
  go(other, 1000 + near);
  assert.deepEqual([store.opened, second.statistics.adopted], [2, 3]);
});

test('many small modules become one', () => {
  const store = new MemoryStore(), programs = Array.from({ length: 70 }, (_, i) => LOOP.replace('a0, 0', `a0, ${i}`));
  for (const p of programs) run(store, p, 3);
  assert.equal(store.modules.length, 70);
  const all = (...sources: string[]): Translator => {
    const m = new FlatMachine(16 << 20), translator = addTranslator(m.hart, m.ram, 'on', store);
    translator.makeCheap();
    for (const [i, p] of sources.entries()) {
      const pfn = m.frame(), at = CODE + i * 4096;
      m.ram.u8.set(assemble(p, at).bytes, pfn * 4096);
      m.map(at, PTE_V | PTE_R | PTE_X | PTE_U, pfn);
      m.setPc(at);
      while (m.hart.run(1_000_000) !== TRAP_BREAKPOINT);
      assert.equal(m.getX(10), m.getX(11));
    }
    translator.keep();
    return translator;
  };
  // One program that runs through all of their pages, and a loop of its own.
  assert.equal(all(...programs, LOOP.replace('100000', '90000')).statistics.adopted, 70);
  assert.deepEqual(store.modules.map(s => s.regions.length), [70, 1], 'and one for what is new');
  assert.equal(all(...programs.slice(7, 17)).statistics.adopted, 6, 'four were translated before the module was worth it');
});
