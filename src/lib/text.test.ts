// utf8, latin1, u64.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { cString, fromBinary, latin1Decode, latin1Encode, latin1Into, toBinary, utf8Decode, utf8Encode } from './utf8.ts';
import { Rng } from './rng.ts';
import * as u64 from './u64.ts';

test('utf8: agrees with TextEncoder and TextDecoder, ill-formed input included', () => {
  const rng = new Rng(3);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const lead = [0, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff, 0x9f, 0xa0, 0x8f, 0x90];
  for (let i = 0; i < 20000; i++) {
    const bytes = Uint8Array.from({ length: rng.below(8) }, () => lead[rng.below(lead.length)]!);
    assert.equal(utf8Decode(bytes), decoder.decode(bytes), String(bytes));
  }
  for (let i = 0; i < 5000; i++) {
    const text = String.fromCharCode(...Array.from({ length: rng.below(6) }, () => [0x41, 0xe9, 0x20ac, 0xd83d, 0xde00, 0xdfff, 0xd800, 0xffff][rng.below(8)]!));
    assert.deepEqual(utf8Encode(text), new TextEncoder().encode(text));
  }
  const long = 'äöü€😀'.repeat(5000);
  assert.equal(utf8Decode(utf8Encode(long)), long);
});

test('latin1: every byte survives', () => {
  const all = Uint8Array.from({ length: 10000 }, (_, i) => i & 255);
  assert.deepEqual(latin1Encode(latin1Decode(all)), all);
  assert.equal(fromBinary(toBinary('naïve 😀')), 'naïve 😀');
  assert.equal(toBinary('é'), '\xc3\xa9');
  const into = new Uint8Array(4);
  assert.equal(latin1Into('abcdef', into, 1), 3);
  assert.equal(cString(into, 1), 'abc');
  assert.equal(cString(Uint8Array.of(65, 66, 0, 67)), 'AB');
  assert.equal(cString(Uint8Array.of(65, 66, 67, 0), 0, 2), 'AB');
});

test('u64: words and numbers', () => {
  const rng = new Rng(4);
  const data = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < 5000; i++) {
    const [al, ah, bl, bh] = [rng.next(), rng.next() >>> rng.below(32), rng.next(), rng.next() >>> rng.below(32)];
    const a = BigInt(ah) << 32n | BigInt(al);
    const b = BigInt(bh) << 32n | BigInt(bl);
    assert.equal(u64.wordsToDecimal(al, ah), a.toString());
    assert.equal(u64.wordsToHex(al, ah), a.toString(16));
    assert.equal(u64.compareWords(al, ah, bl, bh), a < b ? -1 : a > b ? 1 : 0);
    assert.equal(u64.addHigh(al, ah, bl, bh), Number(BigInt.asUintN(64, a + b) >> 32n));
    assert.equal(u64.fromWords(al, ah), Number(a));
    const exact = Math.floor(Number(a) % 2 ** 53);
    u64.writeU64(data, 0, exact);
    assert.equal(u64.readU64(data, 0), exact);
    u64.writeU64(data, 0, -exact);
    assert.equal(u64.readI64(data, 0), -exact + 0);
    assert.equal(u64.fromWordsSigned(u64.lowWord(-exact), u64.highWord(-exact)), -exact + 0);
  }
  assert.equal(u64.wordsToHex(1, 0, 16), '0000000000000001');
  assert.equal(u64.wordsToDecimal(0, 0), '0');
});
