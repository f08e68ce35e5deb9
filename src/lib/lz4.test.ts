// LZ4 blocks: what was coded is decoded, foreign blocks too, and broken ones do no harm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decompress, Lz4 } from './lz4.ts';
import { Rng } from './rng.ts';

const SIZE = 4096;

/** Pages of several kinds: text, numbers, runs, noise. */
function page(rng: Rng, kind: number): Uint8Array {
  const b = new Uint8Array(SIZE);
  for (let i = 0; i < SIZE; i++) {
    if (kind === 0) b[i] = 'the quick brown fox '.charCodeAt((i + (i >> 9)) % 20);
    else if (kind === 1) b[i] = i % 8 === 0 ? rng.below(256) : 0;
    else if (kind === 2) b[i] = rng.below(40) === 0 ? rng.below(256) : b[Math.max(0, i - 1)]!;
    else if (kind === 3) b[i] = rng.below(256);
  }
  return b;
}

test('pages come back as they were, and most of them are smaller meanwhile', () => {
  const rng = new Rng(7), lz4 = new Lz4();
  const coded = new Uint8Array(SIZE + 64), back = new Uint8Array(SIZE);
  for (let i = 0; i < 400; i++) {
    const p = page(rng, i % 5);
    const n = lz4.compress(p, 0, SIZE, coded);
    assert.ok(n > 0);
    if (i % 5 !== 3) assert.ok(n < SIZE * 0.7, `kind ${i % 5}: ${n} bytes`);
    back.fill(255);
    assert.equal(decompress(coded, 0, n, back, 0, SIZE), SIZE);
    assert.deepEqual(back, p);
  }
});

test('an input that did not fit does not disturb the next', () => {
  const rng = new Rng(11), lz4 = new Lz4();
  const coded = new Uint8Array(3072), back = new Uint8Array(SIZE);
  for (let i = 0; i < 300; i++) {
    const p = page(rng, i % 2 === 0 ? 3 : 4);
    for (let k = 0; k < 8; k++) p[rng.below(SIZE)] = rng.below(256);
    const n = lz4.compress(p, 0, SIZE, coded);
    if (n < 0) continue;
    assert.equal(decompress(coded, 0, n, back, 0, SIZE), SIZE);
    assert.deepEqual(back, p);
  }
});

test('any length, any place', () => {
  const rng = new Rng(1), lz4 = new Lz4();
  for (let length = 0; length < 300; length++) {
    const src = new Uint8Array(length + 20).map(() => rng.below(3));
    const coded = new Uint8Array(length + 40), back = new Uint8Array(length + 7);
    const n = lz4.compress(src, 13, 13 + length, coded);
    assert.equal(decompress(coded, 0, n, back, 5, 5 + length), length);
    assert.deepEqual(back.subarray(5, 5 + length), src.subarray(13, 13 + length));
  }
});

test('what does not fit is refused', () => {
  const noise = page(new Rng(3), 3);
  assert.equal(new Lz4().compress(noise, 0, SIZE, new Uint8Array(3072)), -1);
  const coded = new Uint8Array(SIZE);
  const n = new Lz4().compress(page(new Rng(3), 0), 0, SIZE, coded);
  assert.equal(decompress(coded, 0, n, new Uint8Array(SIZE), 0, SIZE - 1), -1);
});

test('a block of the format description: literals, then a match that overlaps itself', () => {
  // 'abc', then 3 bytes back for 11, then five literals.
  const block = Uint8Array.of(0x37, 97, 98, 99, 3, 0, 0x50, 49, 50, 51, 52, 53);
  const out = new Uint8Array(32);
  const n = decompress(block, 0, block.length, out, 0, 32);
  assert.equal(Buffer.from(out.subarray(0, n)).toString(), 'abcabcabcabcab12345');
});

test('random bytes are never decoded beyond the buffer', () => {
  const rng = new Rng(9);
  for (let i = 0; i < 5000; i++) {
    const junk = new Uint8Array(1 + rng.below(60)).map(() => rng.below(256));
    const out = new Uint8Array(128).fill(7);
    const n = decompress(junk, 0, junk.length, out, 32, 96);
    assert.ok(n >= -1 && n <= 64);
    assert.ok(out.subarray(0, 32).every(b => b === 7) && out.subarray(96).every(b => b === 7));
  }
});
