import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha256, Sha256, toHex } from './sha256.ts';

const bytesOf = (n: number) => Uint8Array.from({ length: n }, (_, i) => (i * 131 + (i >> 8) * 7) & 255);
const expected = (b: Uint8Array) => createHash('sha256').update(b).digest('hex');

test('sha256: the examples of FIPS 180-4', () => {
  assert.equal(toHex(sha256(new Uint8Array())), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(toHex(sha256(new TextEncoder().encode('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('sha256: every length up to four blocks as the host computes it', () => {
  for (let n = 0; n <= 260; n++) assert.equal(toHex(sha256(bytesOf(n))), expected(bytesOf(n)), `${n} bytes`);
});

test('sha256: pieces of any size, ranges and a used object give the same', () => {
  const all = bytesOf(100_000), h = new Sha256();
  for (const piece of [1, 3, 63, 64, 65, 1000, 4096]) {
    h.reset();
    for (let i = 0; i < all.length; i += piece) h.update(all, i, Math.min(all.length, i + piece));
    assert.equal(toHex(h.digest()), expected(all));
  }
  assert.equal(toHex(sha256(all, 17, 5000)), expected(all.subarray(17, 5000)));
  const out = new Uint8Array(40);
  new Sha256().update(all).digest(out, 8);
  assert.equal(toHex(out), '00'.repeat(8) + expected(all));
});
