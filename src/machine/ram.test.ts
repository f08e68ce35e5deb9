// The layout of RAM keeps the promises the TLB's soundness rests on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE_STRIDE, createRam, FETCH_ENTRIES, TLB_SLOTS } from './ram.ts';

test('areas follow each other, and a TLB reaches beyond the end of RAM', () => {
  for (const mib of [8, 9, 63, 64, 100, 256, 512, 1024]) {
    const ram = createRam(mib << 20), { layout } = ram;
    assert.ok(ram.size >= (mib << 20) - 8192 && ram.size % 4096 === 0);
    assert.ok(layout.tlbEntries * 4096 >= ram.size + 8192);
    assert.equal(layout.tlbEntries & layout.tlbEntries - 1, 0);
    assert.equal(layout.harts, 4096);
    assert.ok(layout.fetchTlb >= layout.harts + 4096);
    assert.ok(layout.tlb >= layout.fetchTlb + FETCH_ENTRIES * 16);
    assert.ok(layout.code >= layout.tlb + TLB_SLOTS * layout.tlbStride && layout.tlbStride > layout.tlbEntries * 16);
    assert.ok(ram.firstFreePfn * 4096 >= layout.code + layout.codeSlots * CODE_STRIDE);
    assert.ok(ram.firstFreePfn < ram.size / 4096 / 4, `the machine takes a fifth at most: ${ram.firstFreePfn}`);
  }
  assert.throws(() => createRam(1 << 20), RangeError);
  assert.throws(() => createRam(4 * 2 ** 30), RangeError);
});
