// The buddy allocator: order of frames, merging, reserved ranges, zeroing, the reserve.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine } from '../../machine/machine.ts';
import { audit } from './audit.ts';
import { KIND_ANON, KIND_KERNEL, KIND_TABLE } from './frame-kinds.ts';
import { Frames } from './frames.ts';
import { FakeRam } from './test-util.ts';

const machine = (bytes: number): Machine => ({ ram: new FakeRam(bytes), harts: [] } as unknown as Machine);

test('frames of fresh memory come in ascending order and are zero', () => {
  const f = new Frames(machine(4 << 20));
  const first = f.alloc(KIND_ANON);
  for (let i = 1; i < 200; i++) assert.equal(f.alloc(KIND_ANON), first + i);
  f.ram.u8[(first + 7) * 4096] = 9;
  f.put(first + 7);
  assert.equal(f.alloc(KIND_ANON), first + 7);
  assert.equal(f.ram.u8[(first + 7) * 4096], 0);
});

test('reserved ranges are never handed out', () => {
  const f = new Frames(machine(4 << 20), [{ start: 100, end: 120 }, { start: 1000, end: 1024 }]);
  assert.equal(f.total, 1024 - 5 - 20 - 24);
  const seen = new Set<number>();
  for (let pfn = f.alloc(KIND_KERNEL); pfn >= 0; pfn = f.alloc(KIND_KERNEL)) {
    assert.ok(pfn >= 5 && pfn < 1000 && (pfn < 100 || pfn >= 120), `${pfn}`);
    assert.ok(!seen.has(pfn));
    seen.add(pfn);
  }
  assert.equal(f.freeCount, 0);
});

test('random allocation of blocks and frames keeps the lists right and ends as it began', () => {
  const f = new Frames(machine(16 << 20));
  const blocks = f.freeBlocks(10).length, free = f.freeCount;
  const held: { pfn: number; n: number }[] = [];
  let seed = 3;
  const rnd = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * n);
  };
  for (let i = 0; i < 20000; i++) {
    if (held.length > 0 && rnd(100) < 48) {
      const at = rnd(held.length);
      const { pfn, n } = held[at]!;
      held[at] = held.at(-1)!;
      held.pop();
      for (let k = 0; k < n; k++) f.put(pfn + k);
      continue;
    }
    const order = rnd(5) === 0 ? rnd(6) : 0;
    const pfn = order === 0 ? f.alloc(KIND_KERNEL) : f.allocBlock(KIND_KERNEL, order);
    if (pfn < 0) continue;
    assert.equal(pfn & ((1 << order) - 1), 0, 'blocks are aligned');
    held.push({ pfn, n: 1 << order });
    if (i % 4000 === 0) assert.deepEqual(audit(f, []), []);
  }
  for (const { pfn, n } of held) for (let k = 0; k < n; k++) f.put(pfn + k);
  assert.deepEqual(audit(f, []), []);
  assert.equal(f.freeCount, free);
  assert.equal(f.freeBlocks(10).length, blocks);
});

test('user pages leave the reserve alone; page tables may use most of it, the kernel all', () => {
  const f = new Frames(machine(4 << 20));
  const fill = (kind: typeof KIND_ANON | typeof KIND_TABLE | typeof KIND_KERNEL): number => {
    while (f.alloc(kind) >= 0);
    return f.freeCount;
  };
  assert.equal(fill(KIND_ANON), f.reserve);
  assert.equal(fill(KIND_TABLE), f.reserve >> 2);
  assert.equal(fill(KIND_KERNEL), 0);
});

test('a frame put once too often is a bug, loudly', () => {
  const f = new Frames(machine(4 << 20));
  const pfn = f.alloc(KIND_ANON);
  f.get(pfn);
  f.put(pfn);
  f.put(pfn);
  assert.throws(() => f.put(pfn), /once too often/);
});

test('neighbours in two growing mappings are neighbours in memory, at the same place of a run', () => {
  const f = new Frames({ ram: new FakeRam(8 << 20), harts: [] });
  const a: number[] = [], b: number[] = [];
  for (let i = 0; i < 64; i++) {
    a.push(f.allocNear(KIND_ANON, i === 0 ? -1 : a[i - 1]! + 1, i + 5));
    b.push(f.allocNear(KIND_ANON, i === 0 ? -1 : b[i - 1]! + 1, i + 9));
    f.alloc(KIND_TABLE);
  }
  const breaks = (l: number[]): number => l.filter((pfn, i) => i > 0 && pfn !== l[i - 1]! + 1).length;
  assert.ok(breaks(a) + breaks(b) <= 16, `${breaks(a)} and ${breaks(b)} breaks`);
  assert.equal(new Set([...a, ...b]).size, 128);
  for (const pfn of [...a, ...b]) f.put(pfn);
});
