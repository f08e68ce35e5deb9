// Device trees: what the machine writes the kernel reads, and damaged blobs are refused without a throw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFdt } from '../kernel/device/fdt.ts';
import { Rng } from '../lib/rng.ts';
import { cells64, FdtBuilder } from './fdt.ts';

function sample(): Uint8Array {
  const t = new FdtBuilder();
  return t.node('', { '#address-cells': [2], '#size-cells': [2], compatible: ['a,b', 'c'] }, () => {
    t.node('chosen', { bootargs: 'init=/bin/sh quiet' });
    t.node('soc', { '#address-cells': [2], '#size-cells': [1], 'interrupt-parent': [7], ranges: 'empty' }, () => {
      t.node('dev@110000000', { reg: [...cells64(0x1_1000_0000), 0x1000, ...cells64(0x2000), 0x20], interrupts: [3] });
    });
  }).finish();
}

test('round trip: nodes, cells, strings, reg, inherited properties', () => {
  const root = parseFdt(sample());
  assert.ok(root !== null);
  assert.equal(root.name, '');
  assert.deepEqual(root.strings('compatible'), ['a,b', 'c']);
  assert.equal(root.child('chosen')!.text('bootargs'), 'init=/bin/sh quiet');
  assert.equal(root.child('chosen')!.text('absent'), '');
  const dev = root.child('soc')!.child('dev')!;
  assert.equal(dev.name, 'dev@110000000');
  assert.deepEqual(dev.reg(), [{ base: 0x1_1000_0000, size: 0x1000 }, { base: 0x2000, size: 0x20 }]);
  assert.equal(dev.inherited('interrupt-parent'), 7);
  assert.equal(dev.inherited('nothing'), 0);
  assert.equal(dev.cell('interrupts', 0), 3);
  assert.equal(root.child('soc')!.properties.get('ranges')!.length, 0);
  assert.deepEqual(root.child('chosen')!.reg(), []);
});

test('the header is that of version 17, and every block is aligned', () => {
  const blob = sample();
  const view = new DataView(blob.buffer);
  assert.equal(view.getUint32(0), 0xd00d_feed);
  assert.equal(view.getUint32(4), blob.length);
  assert.equal(view.getUint32(20), 17);
  assert.equal(view.getUint32(24), 16);
  assert.equal(view.getUint32(8) % 4, 0);
  assert.equal(view.getUint32(16) % 8, 0);
});

test('damaged blobs: null or a tree, never a throw', () => {
  const good = sample();
  assert.equal(parseFdt(new Uint8Array(10)), null);
  assert.equal(parseFdt(good.subarray(0, good.length - 9)), null);
  const rng = new Rng(3);
  for (let i = 0; i < 2000; i++) {
    const bad = good.slice();
    for (let n = rng.below(4) + 1; n > 0; n--) bad[rng.below(bad.length)] = rng.below(256);
    parseFdt(bad);
  }
});
