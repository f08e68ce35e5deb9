// The ring of a reader of input events: packets, overflow, and what the reader is told otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT } from '../../abi/input.ts';
import { Rng } from '../../lib/rng.ts';
import { EventRing } from './event-ring.ts';

type Event = readonly [type: number, code: number, value: number];
const REPORT: Event = [EV_SYN, SYN_REPORT, 0];

const add = (ring: EventRing, ...events: readonly Event[]): void => { for (const [type, code, value] of events) ring.add(5, 7, type, code, value); };

function take(ring: EventRing, limit = Infinity): Event[] {
  const view = new DataView(new ArrayBuffer(24)), out: Event[] = [];
  while (ring.hasPacket && out.length < limit) {
    ring.take(view, 0);
    out.push([view.getUint16(16, true), view.getUint16(18, true), view.getInt32(20, true)]);
  }
  return out;
}

test('event ring: only whole packets are readable', () => {
  const ring = new EventRing(64);
  add(ring, [EV_KEY, 30, 1]);
  assert.equal(ring.hasPacket, false);
  add(ring, REPORT, [EV_KEY, 30, 0]);
  assert.deepEqual(take(ring), [[EV_KEY, 30, 1], REPORT]);
  assert.equal(ring.isEmpty, false);
  add(ring, REPORT);
  assert.deepEqual(take(ring), [[EV_KEY, 30, 0], REPORT]);
  assert.ok(ring.isEmpty && ring.isBetweenPackets);
});

test('event ring: time stamps are 64 bits', () => {
  const ring = new EventRing(64), view = new DataView(new ArrayBuffer(48));
  ring.add(2 ** 33 + 5, 999_999, EV_SYN, SYN_REPORT, -1);
  ring.take(view, 24);
  assert.deepEqual([view.getBigInt64(24, true), view.getBigInt64(32, true), view.getInt32(44, true)], [2n ** 33n + 5n, 999_999n, -1]);
});

test('event ring: whoever reads too slowly gets SYN_DROPPED and the newest event', () => {
  const ring = new EventRing(64);
  for (let i = 0; i < 63; i++) add(ring, [EV_KEY, i, 1]);
  assert.equal(ring.hasPacket, false);
  add(ring, [EV_KEY, 99, 1]);
  assert.equal(ring.hasPacket, false, 'an unfinished packet stays so');
  add(ring, REPORT);
  assert.deepEqual(take(ring), [[EV_SYN, SYN_DROPPED, 0], [EV_KEY, 99, 1], REPORT]);
});

test('event ring: events of a type go, and packets that become empty by it', () => {
  const ring = new EventRing(64);
  add(ring, [EV_KEY, 1, 1], REPORT, [2, 0, 5], [EV_KEY, 1, 0], REPORT, [EV_KEY, 2, 1]);
  ring.dropType(EV_KEY);
  assert.deepEqual(take(ring), [[2, 0, 5], REPORT]);
  assert.ok(ring.isEmpty);
  add(ring, [EV_KEY, 3, 1], REPORT);
  ring.dropAll(1, 2);
  assert.deepEqual(take(ring), [[EV_SYN, SYN_DROPPED, 0]]);
});

test('event ring: random use against a list', () => {
  const rng = new Rng(3), ring = new EventRing(64);
  let list: Event[] = [], whole = 0;
  for (let step = 0; step < 50_000; step++) {
    const what = rng.below(10);
    if (what < 6) {
      const event: Event = rng.below(3) === 0 ? REPORT : [1 + rng.below(3), rng.below(9), rng.below(100)];
      add(ring, event);
      list.push(event);
      if (list.length === 64) {
        list = [[EV_SYN, SYN_DROPPED, 0], event];
        whole = 0;
      }
      if (event === REPORT) whole = list.length;
    } else if (what < 9) {
      const n = rng.below(4), taken = take(ring, n);
      assert.deepEqual(taken, list.slice(0, Math.min(n, whole)));
      list.splice(0, taken.length);
      whole -= taken.length;
    } else if (rng.below(20) === 0) {
      const type = 1 + rng.below(3), kept: Event[] = [];
      let inPacket = 0;
      whole = 0;
      for (const e of list) {
        if (e[0] === type || (e === REPORT && inPacket === 0)) continue;
        kept.push(e);
        inPacket = e === REPORT ? 0 : inPacket + 1;
        if (e === REPORT) whole = kept.length;
      }
      list = kept;
      ring.dropType(type);
    }
  }
});
