// CLOCK_REALTIME: steps at once, slews slowly.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Clock } from '../../machine/machine.ts';
import { WallClock } from './wall-clock.ts';

const SECOND = 1e9;

test('adjtime adds half a millisecond a second until nothing is left', () => {
  let now = 0;
  const clock = new WallClock({ monotonicNs: () => now } as unknown as Clock);
  clock.set(100, 0);
  clock.slew(1_000_000);
  now = SECOND;
  assert.deepEqual(clock.realtime(), { sec: 101, nsec: 500_000 });
  assert.equal(clock.slewLeftNs, 500_000);
  now = 10 * SECOND;
  assert.deepEqual(clock.realtime(), { sec: 110, nsec: 1_000_000 });
  assert.equal(clock.slewLeftNs, 0);
  clock.slew(-2_000_000);
  now = 11 * SECOND;
  assert.deepEqual(clock.realtime(), { sec: 111, nsec: 500_000 });
  clock.slew(0);
  now = 12 * SECOND;
  assert.deepEqual(clock.realtime(), { sec: 112, nsec: 500_000 });
});

test('steps', () => {
  let now = 0;
  const clock = new WallClock({ monotonicNs: () => now } as unknown as Clock);
  clock.set(100, 900_000_000);
  clock.step(-1, 200_000_000);
  assert.deepEqual(clock.realtime(), { sec: 100, nsec: 100_000_000 });
  clock.set(7, 0);
  assert.deepEqual(clock.realtime(), { sec: 7, nsec: 0 });
});
