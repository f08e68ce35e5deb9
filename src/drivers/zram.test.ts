// The compressed disk: pages of every kind come back, parts of pages too, memory is given back to the frame, and a full machine is told so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EIO } from '../abi/errno.ts';
import { Rng } from '../lib/rng.ts';
import { Bio, IoBatch, OP_DISCARD, OP_READ, OP_WRITE } from '../kernel/block/bio.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { KIND_ANON, KIND_KERNEL } from '../kernel/mm/frame-kinds.ts';
import { type TestWorld, testWorld } from '../kernel/mm/test-util.ts';
import { Zram } from './zram.ts';

const PAGE = 4096;

function io(w: TestWorld, z: Zram, op: typeof OP_READ | typeof OP_WRITE | typeof OP_DISCARD, sector: number, sectors: number, paddr = 0): number {
  const batch = new IoBatch(w.frames);
  const hasData = op !== OP_DISCARD;
  z.disk.whole.submit([new Bio(op, sector, sectors, hasData ? [paddr] : [], hasData ? [sectors * 512] : [], batch)]);
  assert.ok(batch.isDone);
  return batch.status;
}

function world(): { w: TestWorld; z: Zram; paddr: number } {
  const w = testWorld(8 << 20);
  Object.assign(w.kernel, { now: () => 0 });
  return { w, z: new Zram(w.kernel as Kernel, 4 << 20), paddr: w.frames.alloc(KIND_KERNEL) * PAGE };
}

test('random writes of whole and half pages equal a model', () => {
  const { w, z, paddr } = world();
  const rng = new Rng(5);
  const free = w.frames.freeCount;
  const model = new Uint8Array(4 << 20);
  const { u8 } = w.frames.ram;
  for (let step = 0; step < 3000; step++) {
    const page = rng.below(300), half = rng.below(4) === 0;
    const at = page * PAGE + (half ? 2048 : 0), n = half ? 2048 : PAGE;
    const kind = rng.below(4);
    if (kind === 3) {
      assert.equal(io(w, z, OP_DISCARD, page * 8, 8), 0);
      model.fill(0, page * PAGE, (page + 1) * PAGE);
      continue;
    }
    for (let i = 0; i < n; i++) u8[paddr + i] = kind === 0 ? step & 255 : kind === 1 ? (i >> 5) * step & 255 : rng.below(256);
    model.set(u8.subarray(paddr, paddr + n), at);
    assert.equal(io(w, z, OP_WRITE, at / 512, n / 512, paddr), 0);
    const back = rng.below(300);
    assert.equal(io(w, z, OP_READ, back * 8, 8, paddr), 0);
    assert.deepEqual(u8.slice(paddr, paddr + PAGE), model.slice(back * PAGE, (back + 1) * PAGE), `step ${step} page ${back}`);
  }
  assert.ok(z.codedBytes < z.storedBytes * 0.8, `${z.codedBytes} of ${z.storedBytes}`);
  assert.equal(io(w, z, OP_DISCARD, 0, 300 * 8), 0);
  assert.equal(w.frames.freeCount, free);
});

test('a page that does not compress is refused when memory is short, one of zeros never', () => {
  const { w, z, paddr } = world();
  while (w.frames.freeCount > w.frames.high) w.frames.alloc(KIND_ANON);
  const rng = new Rng(2);
  for (let i = 0; i < PAGE; i++) w.frames.ram.u8[paddr + i] = rng.below(256);
  assert.equal(io(w, z, OP_WRITE, 8, 8, paddr), EIO);
  w.frames.ram.u8.fill(0, paddr, paddr + PAGE);
  assert.equal(io(w, z, OP_WRITE, 8, 8, paddr), 0);
});
