// The laws of the scheduler (sched(7)), measured by programs (laws.c) in virtual time, so that the numbers are the same on every machine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMachine } from './machine.ts';

const measure = (what: string, memoryBytes = 64 << 20): number[] => {
  const m = new TestMachine({ translator: 'on', memoryBytes });
  return [...m.finish(m.startGuest('laws', what)).text.matchAll(/-?\d+/g)].map(w => Number(w[0]));
};
const near = (got: number, due: number, by: number, what = ''): void => assert.ok(Math.abs(got / due - 1) <= by, `${what}: ${got}, not ${due}`);

test('nice values share a second by their weights within 5 %', () => {
  const us = measure('nice'), weights = [1024, 335, 3121, 110, 1024], all = 5614;
  for (const [i, weight] of weights.entries()) near(us[i]!, 1e6 * weight / all, 0.05, String(weight));
});

test('a FIFO task starves fair ones but for their twentieth, and SCHED_IDLE gets next to nothing beside them', () => {
  const [fifo, idle, fair] = measure('classes') as [number, number, number];
  assert.ok(fifo > 940_000 && fifo < 960_000 && fair > 40_000 && fair < 55_000 && idle < 2000, `${fifo} ${fair} ${idle}`);
});

test('RR tasks of one priority rotate by turns of 100 ms', () => {
  const us = measure('robin');
  near(us[0]! + us[1]! + us[2]!, 1e6, 0.01);
  for (const turn of us) assert.ok(turn > 290_000 && turn < 410_000, String(us));
  assert.equal(measure('rotation').join(''), '12012012012'); // a number: its first zero is gone
});

test('a deadline task meets every deadline beside spinning FIFO and fair ones, gets no more than its budget, and no more than there is', () => {
  const [set, late, wall, cpu, greedy, tooMuch] = measure('deadline') as [number, number, number, number, number, number];
  assert.deepEqual([set, late, tooMuch], [0, 0, -16]); // EBUSY
  near(wall, 1000, 0.01);
  near(cpu, 200, 0.05);
  near(greedy, 250, 0.02);
});

test('a sleeper wakes beside five spinning tasks: within a slice as a rule, at worst when the six of them had a slice each, sooner with a shorter slice', () => {
  const [worst, mean] = measure('sleeper') as [number, number], [worstShort, meanShort] = measure('sleeper-short') as [number, number];
  assert.ok(worst <= 6 * 700 && mean <= 350, `${worst} ${mean}`);
  assert.ok(worstShort <= 700 && meanShort <= 10, `${worstShort} ${meanShort}`);
});

test('nobody starves among 1,000 threads', () => {
  const [least, most] = measure('crowd', 512 << 20) as [number, number];
  assert.ok(least > 0 && most < 2 * least, `${least} ${most}`);
});
