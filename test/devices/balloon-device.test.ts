// The balloon model against its specification (virtio 1.2, 5.5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtioBalloon } from '../../src/machine/devices/balloon.ts';
import {
  BALLOON_CFG_ACTUAL, BALLOON_CFG_NUM_PAGES, BALLOON_DEFLATE, BALLOON_F_STATS_VQ, BALLOON_INFLATE, BALLOON_STATS, INTERRUPT_CONFIG, MMIO_CONFIG, MMIO_CONFIG_GENERATION,
  MMIO_INTERRUPT_STATUS, MMIO_STATUS, STATUS_NEEDS_RESET,
} from '../../src/machine/registers.ts';
import { newRam, Rig, RIG_DATA } from './rig.ts';

function world(): { balloon: VirtioBalloon; rig: Rig; tell: (queue: number, ...pfns: number[]) => void; broken: () => boolean } {
  const ram = newRam(1 << 16);
  const balloon = new VirtioBalloon(ram, { set: () => {} }, 1000, 'strict');
  const rig = new Rig(ram, balloon, 3);
  rig.start(BALLOON_F_STATS_VQ);
  return {
    balloon, rig, broken: () => (balloon.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) !== 0,
    tell: (queue, ...pfns) => {
      ram.u32.set(pfns, RIG_DATA >>> 2);
      rig.post(queue, [{ addr: RIG_DATA, length: 4 * pfns.length, writes: false }]);
      rig.notify(queue);
    },
  };
}

test('balloon: the host says how much, pages go in and come back', () => {
  const { balloon, tell, rig, broken } = world();
  const generation = balloon.read32(MMIO_CONFIG_GENERATION);
  balloon.target = 300;
  assert.notEqual(balloon.read32(MMIO_CONFIG_GENERATION), generation);
  assert.ok((balloon.read32(MMIO_INTERRUPT_STATUS) & INTERRUPT_CONFIG) !== 0);
  assert.equal(balloon.read32(MMIO_CONFIG + BALLOON_CFG_NUM_PAGES), 300);
  tell(BALLOON_INFLATE, 5, 6, 999);
  assert.equal(balloon.pages, 3);
  assert.ok(rig.used(BALLOON_INFLATE) !== null);
  balloon.write32(MMIO_CONFIG + BALLOON_CFG_ACTUAL, 3);
  assert.equal(balloon.actual, 3);
  tell(BALLOON_DEFLATE, 6);
  assert.equal(balloon.pages, 2);
  balloon.target = 5000;
  assert.equal(balloon.target, 1000, 'not more than there is');
  assert.equal(broken(), false);
});

test('balloon: a page twice, a page that is none, half a number: the driver must reset', () => {
  for (const wrong of [[BALLOON_INFLATE, 5], [BALLOON_INFLATE, 1000], [BALLOON_DEFLATE, 7], [BALLOON_INFLATE, 8, 8]] as const) {
    const { balloon, tell, broken, rig } = world();
    tell(BALLOON_INFLATE, 5);
    assert.equal(broken(), false);
    tell(wrong[0], ...wrong.slice(1));
    assert.ok(broken(), wrong.join());
    rig.start(0);
    assert.equal(balloon.pages, 0);
  }
  const { rig, broken } = world();
  rig.post(BALLOON_INFLATE, [{ addr: RIG_DATA, length: 6, writes: false }]);
  rig.notify(BALLOON_INFLATE);
  assert.ok(broken());
});

test('balloon: statistics come when the host asks', () => {
  const { balloon, rig, broken } = world();
  assert.equal(balloon.askStats(), false);
  const view = new DataView(rig.ram.u8.buffer, RIG_DATA);
  const put = (...stats: (readonly [tag: number, value: bigint])[]): void => {
    stats.forEach(([tag, value], i) => {
      view.setUint16(10 * i, tag, true);
      view.setBigUint64(10 * i + 2, value, true);
    });
    rig.post(BALLOON_STATS, [{ addr: RIG_DATA, length: 10 * stats.length, writes: false }]);
    rig.notify(BALLOON_STATS);
  };
  put([4, 4096n], [5, 1n << 33n], [77, 1n]);
  assert.deepEqual(balloon.stats, { freeMemory: 4096, totalMemory: 2 ** 33 });
  assert.equal(rig.used(BALLOON_STATS), null, 'the buffer is kept');
  assert.ok(balloon.askStats());
  assert.ok(rig.used(BALLOON_STATS) !== null);
  put([4, 8192n]);
  assert.deepEqual([balloon.stats, balloon.statsCount], [{ freeMemory: 8192 }, 2]);
  put([4, 1n]);
  assert.ok(broken(), 'a second buffer');
});
