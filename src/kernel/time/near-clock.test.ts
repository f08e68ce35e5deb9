// The estimated clock: never behind a true reading, never far from the truth for long, the host is asked seldom; exact under a seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rng } from '../../lib/rng.ts';
import type { Clock, Hart } from '../../machine/machine.ts';
import { NearClock } from './near-clock.ts';

function world(countsInstructions: boolean): { clock: NearClock; hart: { instret: number; ecalls: number }; host: { ns: number; reads: number } } {
  const hart = { instret: 0, ecalls: 0 }, host = { ns: 0, reads: 0 };
  const source: Clock = { countsInstructions, monotonicNs: () => { host.reads++; return host.ns; } };
  return { clock: new NearClock(source, hart as unknown as Hart), hart, host };
}

test('many short pieces of work: few readings, estimates within some microseconds, and monotonic', () => {
  const { clock, hart, host } = world(false), rng = new Rng(5);
  let last = 0, seen = 0, questions = 0;
  for (let i = 0; i < 20_000; i++) {
    const work = 100 + rng.below(400);
    hart.instret += work;
    hart.ecalls++;
    host.ns += work / 2 + 300;
    if (i % 10 === 0) seen = clock.monotonicNs();
    const near = clock.nearNs();
    questions++;
    assert.ok(near >= last && near >= seen, `${near} after ${last} and ${seen}`);
    if (i > 200) assert.ok(Math.abs(near - host.ns) < 20_000, `${near} at ${host.ns}`);
    last = near;
  }
  assert.ok(host.reads < questions / 2, String(host.reads));
});

test('a host that was away is noticed at the next true reading', () => {
  const { clock, hart, host } = world(false);
  for (let i = 0; i < 50; i++) {
    hart.instret += 5000;
    host.ns += 5000;
    clock.nearNs();
  }
  host.ns += 50e6;
  hart.instret += 20_000;
  assert.equal(clock.nearNs(), host.ns);
  hart.instret += 5000;
  assert.ok(clock.nearNs() - host.ns < 20_000);
});

test('under a seed every reading is true', () => {
  const { clock, host } = world(true);
  host.ns = 123;
  assert.equal(clock.nearNs(), 123);
  host.ns = 124;
  assert.equal(clock.nearNs(), 124);
});
