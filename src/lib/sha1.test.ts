// SHA-1 against node:crypto, at every length around the borders of its blocks, and in pieces.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Sha1 } from './sha1.ts';
import { toHex } from './sha256.ts';

test('sha1: equals node:crypto for every length, in one piece and in several', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 37 & 0xff);
  const h = new Sha1();
  for (let n = 0; n <= bytes.length; n++) {
    const expected = createHash('sha1').update(bytes.subarray(0, n)).digest('hex');
    assert.equal(toHex(h.reset().update(bytes, 0, n).digest()), expected, `${n}`);
    assert.equal(toHex(h.reset().update(bytes, 0, n >> 1).update(bytes, n >> 1, n).digest(new Uint8Array(24), 4).subarray(4)), expected, `${n} in two`);
  }
});
