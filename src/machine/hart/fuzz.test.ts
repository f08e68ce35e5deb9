// Random bytes as code with hostile registers: the hart neither throws nor hangs, counts sanely, and nothing but the mapped frames ever changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../test/machine/random.ts';
import { PTE_R, PTE_U, PTE_V, PTE_W, PTE_X } from '../machine.ts';
import { FlatMachine } from './flat.ts';

const CODE = 0x10000, DATA = 0x20000, RUNS = 6000;

test('random code stays in its pages', () => {
  const r = new Random(2026), m = new FlatMachine(8 << 20);
  const mine = new Set<number>();
  for (let p = 0; p < 4; p++) {
    mine.add(m.map(CODE + p * 4096, PTE_V | PTE_R | PTE_W | PTE_X | PTE_U));
    mine.add(m.map(DATA + p * 4096, PTE_V | PTE_R | PTE_W | PTE_U));
  }
  m.map(0x30000, PTE_V | PTE_R | PTE_X | PTE_U);
  m.map(0x31000, PTE_V | PTE_R | PTE_W);             // not the user's
  const { ram, hart } = m;
  const tables = m.frame();
  for (let pfn = tables; pfn < ram.size / 4096; pfn++) ram.u32.fill(0xdeadbeef, pfn * 1024, pfn * 1024 + 1024);
  hart.setEcallHandler({ ecall: () => 1 });

  for (let run = 0; run < RUNS; run++) {
    if (run % 20 === 0) for (let va = CODE; va < CODE + 4 * 4096; va += 4) ram.u32[hart.mmu.translate(va, 1) >>> 2] = r.u32() | (r.below(4) === 0 ? 0 : 3);
    for (let x = 1; x < 32; x++) {
      hart.x[2 * x] = r.below(3) === 0 ? r.u32() : DATA + r.below(16384);
      hart.x[2 * x + 1] = r.below(5) === 0 ? r.u32() | 0 : r.below(8) === 0 ? 0xc0000000 | 0 : 0;
    }
    m.setPc(CODE + r.below(8192) * 2);
    const before = hart.instret;
    const trap = hart.run(2000);
    assert.ok(trap >= 0 && trap <= 7);
    assert.ok(hart.instret >= before && hart.instret - before < 2000 + 8192);
    assert.equal(hart.x[0], 0);
    assert.equal(hart.x[1], 0);
  }
  for (let i = tables * 1024; i < ram.size / 4; i++) if (ram.u32[i] !== 0xdeadbeef) assert.fail(`word ${(i * 4).toString(16)} was written`);
  for (let i = 0; i < 1024; i++) assert.equal(ram.u32[i], 0, 'frame 0');
});
