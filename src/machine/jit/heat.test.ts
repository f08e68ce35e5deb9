// When the translator buys what (heat.ts).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_ENGINE } from '../engine.ts';
import { Heat } from './heat.ts';
import type { Region } from './region.ts';

const OUTSIDE = { isInLoop: false, isRemembered: false };
const regionOf = (instructions: number): Region => ({ entry: 0, blocks: [], instructions, pages: [0], isLoop: false });

test('asleep, heat counts for less, until enough was missed in interesting code', () => {
  const heat = new Heat(PLAIN_ENGINE, false);
  for (let i = 0; i < 100_000; i++) heat.noticed(1, heat.interesting(false) - 1);
  assert.ok(heat.noticed(1, 1000) < 1000, 'cold code wakes nobody');
  let n = 0;
  while (heat.noticed(1, 1000) < 1000) n++;
  assert.ok(n > 10_000 && n < 100_000, `awake after ${n} samples`);
  assert.equal(heat.noticed(1, 5), 5, 'awake, everything counts');
});

test('a region costs by its instructions, more in a loop that is translated', () => {
  const heat = new Heat(PLAIN_ENGINE, true), small = heat.priceOf(regionOf(10), OUTSIDE);
  assert.ok(heat.priceOf(regionOf(400), OUTSIDE) > 5 * small && heat.priceOf(regionOf(10), { ...OUTSIDE, isInLoop: true }) > small);
  assert.equal(heat.nextLook(small, 10 * small) < 10 * small, true, 'a dear region may be a small one elsewhere');
  assert.equal(heat.nextLook(10 * small, 11 * small), 11 * small);
});

test('modules are bought when waiting has cost as much, or when there are many regions', () => {
  const heat = new Heat(PLAIN_ENGINE, true), cheap = new Heat({ ...PLAIN_ENGINE, fastModules: true }, true);
  assert.equal(heat.buysModule(0) || heat.buysModule(1), false);
  assert.ok(heat.buysModule(32));
  cheap.waited(20);
  heat.waited(20);
  assert.equal(heat.buysModule(1), false, 'an old engine needs a millisecond');
  assert.ok(cheap.buysModule(1));
  heat.waited(1000);
  assert.ok(heat.buysModule(1) && !heat.buysModule(0));
  heat.bought();
  assert.equal(heat.buysModule(1), false);
});

test('what earlier runs have executed costs more, since their heat counts, too', () => {
  const heat = new Heat(PLAIN_ENGINE, true), before = heat.priceOf(regionOf(100), OUTSIDE), known = { ...OUTSIDE, isRemembered: true };
  assert.equal(heat.priceOf(regionOf(100), known), before);
  heat.remember();
  heat.remember();
  assert.equal(heat.priceOf(regionOf(100), known), before * 2);
  assert.equal(heat.priceOf(regionOf(100), OUTSIDE), before);
  assert.ok(heat.interesting(true) > heat.interesting(false));
});
