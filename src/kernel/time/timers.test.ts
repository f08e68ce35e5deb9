// Kernel timers against a sorted list: order, ties, cancelling, and timers that arm others while they fire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rng } from '../../lib/rng.ts';
import { Timers, TimerTarget } from './timers.ts';

class Note extends TimerTarget {
  readonly fired: number[];
  readonly n: number;
  constructor(fired: number[], n: number) {
    super();
    this.fired = fired;
    this.n = n;
  }
  expire(): void { this.fired.push(this.n); }
}

test('timers fire by deadline, equal ones in the order of arming, cancelled ones never', () => {
  const rng = new Rng(3), timers = new Timers();
  const fired: number[] = [], model: { at: number; n: number; id: number }[] = [];
  let now = 0;
  for (let n = 0; n < 5000; n++) {
    const what = rng.below(10);
    if (what < 6) {
      const at = now + rng.below(100);
      model.push({ at, n, id: timers.add(at, new Note(fired, n)) });
    } else if (what < 9 && model.length > 0) {
      const [gone] = model.splice(rng.below(model.length), 1);
      timers.cancel(gone!.id);
      timers.cancel(gone!.id);
    } else {
      now += rng.below(40);
      const due = model.filter(m => m.at <= now).sort((a, b) => a.at - b.at || a.n - b.n);
      fired.length = 0;
      timers.run(now);
      assert.deepEqual(fired, due.map(m => m.n));
      for (const m of due) model.splice(model.indexOf(m), 1);
    }
    assert.equal(timers.nextDeadline, Math.min(Infinity, ...model.map(m => m.at)));
  }
});

test('a timer that arms another one in the past fires it in the same run', () => {
  const timers = new Timers(), fired: number[] = [];
  class Chain extends TimerTarget {
    expire(nowNs: number): void {
      fired.push(1);
      timers.add(nowNs - 1, new Note(fired, 2));
    }
  }
  timers.add(5, new Chain());
  timers.run(10);
  assert.deepEqual(fired, [1, 2]);
  assert.equal(timers.nextDeadline, Infinity);
});
