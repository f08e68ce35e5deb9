// struct: layout, accessors, nesting.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { aligned, array, bytes, i32, i64, pad, raw64, struct, u16, u32, u64, u8 } from './struct.ts';

const Time = struct('time', { sec: i64, nsec: i64 });
const Thing = struct('thing', {
  tag: u8, id: u32, size: i64, mask: raw64, when: Time, _gap: pad(3), code: u8, list: array(u16, 3), times: array(Time, 2), name: bytes(5), end: i32,
});

test('struct: natural alignment', () => {
  assert.deepEqual(Thing.offsets, { tag: 0, id: 4, size: 8, mask: 16, when: 24, _gap: 40, code: 43, list: 44, times: 56, name: 88, end: 96 });
  assert.equal(Thing.size, 104);
  assert.equal(struct('q', { a: u8, b: aligned(u64, 16) }).size, 32);
});

test('struct: fields read back what was written, at any offset', () => {
  const buffer = new Uint8Array(300);
  const v = Thing.view(buffer, 7);
  v.size = -5;
  v.mask_lo = 0xdeadbeef;
  v.mask_hi = 0x80000001;
  v.when.nsec = 999_999_999;
  v.list.set(2, 0xffff);
  v.times.get(1).sec = 2 ** 53 - 1;
  v.name.set([1, 2, 3, 4, 5]);
  v.end = -1;
  const w = Thing.view(buffer).at(7);
  assert.equal(w.size, -5);
  assert.equal(w.mask_lo, 0xdeadbeef);
  assert.equal(w.mask_hi, 0x80000001);
  assert.equal(w.when.nsec, 999_999_999);
  assert.equal(w.list.get(2), 0xffff);
  assert.equal(w.list.get(1), 0);
  assert.equal(w.times.get(1).sec, 2 ** 53 - 1);
  assert.deepEqual([...w.name], [1, 2, 3, 4, 5]);
  assert.equal(w.end, -1);
  assert.equal(buffer[7 + 16], 0xef);
  w.zero();
  assert.ok(buffer.every(b => b === 0));
});

test('struct: 64-bit numbers are exact to 2^53, wrap when negative and saturate when too large', () => {
  const S = struct('s', { a: u64, b: i64 });
  const v = S.view();
  for (const x of [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, 2 ** 53]) {
    v.a = x;
    v.b = -x;
    assert.equal(v.a, x);
    assert.equal(v.b + 0, -x + 0);
  }
  v.a = -1;
  assert.ok(v.bytes.subarray(0, 8).every(b => b === 255));
  v.a = 2 ** 64;
  assert.ok(v.bytes.subarray(0, 8).every(b => b === 255));
  assert.equal(v.a, 2 ** 64);
  v.b = Infinity;
  assert.equal(v.bytes[15], 0x7f);
  assert.equal(v.b, 2 ** 63);
});

test('struct: over() re-aims nested views too', () => {
  const a = new Uint8Array(200);
  const b = new Uint8Array(200);
  const v = Thing.view(a);
  v.when.sec = 1;
  v.over(b, 8).when.sec = 2;
  assert.equal(Time.view(a, 24).sec, 1);
  assert.equal(Time.view(b, 32).sec, 2);
});
