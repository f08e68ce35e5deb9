import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chachaBlock, ChaChaRng } from './chacha.ts';

test('chacha: the block of RFC 8439, 2.3.2', () => {
  const key = new Uint32Array(Uint8Array.from({ length: 32 }, (_, i) => i).buffer);
  const out = new Uint32Array(16);
  chachaBlock(key, 1, [0x0900_0000, 0x4a00_0000, 0], out, 0);
  assert.deepEqual([...out].map(w => w.toString(16).padStart(8, '0')), [
    'e4e7f110', '15593bd1', '1fdd0f50', 'c47120a3', 'c7f4d1c7', '0368c033', '9aaa2204', '4e6cd4c3',
    '466482d2', '09aa9f07', '05d7c214', 'a2028bd9', 'd19c12b5', 'b94e16de', 'e883d0cb', '4e3c50a2',
  ]);
});

test('chacha: the same seed gives the same bytes however they are asked for, another seed others', () => {
  const bytes = (seed: number, sizes: number[]): number[] => {
    const r = new ChaChaRng();
    r.reseed([seed]);
    return sizes.flatMap(n => {
      const b = new Uint8Array(n);
      r.fillBytes(b);
      return [...b];
    });
  };
  const all = bytes(1, [3000]);
  assert.deepEqual(bytes(1, [1, 999, 1000, 1000]), all);
  assert.notDeepEqual(bytes(2, [3000]), all);
  assert.ok(new Set(all).size > 250);
});

test('chacha: reseeding changes what follows, and output does not stay in the state', () => {
  const r = new ChaChaRng();
  r.reseed([1, 2, 3]);
  const a = new Uint8Array(32), b = new Uint8Array(32);
  r.fillBytes(a);
  const before = r.key.slice();
  r.reseed([4]);
  r.fillBytes(b);
  assert.notDeepEqual(a, b);
  assert.notDeepEqual(r.key, before);
  for (let i = 0; i < 1000; i++) assert.ok(r.below(6) < 6);
});
