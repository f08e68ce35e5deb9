// The scheduler alone, with tasks that only count: heap laws against a sorted model, fairness by weight, real-time order, preemption, throttling.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rng } from '../../lib/rng.ts';
import { FakeKernel } from '../ipc/test-util.ts';
import type { Task } from '../task/task.ts';
import { LoadAverages } from './load.ts';
import { Scheduler, SCHED_BATCH, SCHED_FIFO, SCHED_IDLE, SCHED_OTHER, SCHED_RR, SLICE, weightOf } from './scheduler.ts';

const k = new FakeKernel();
function task({ nice = 0, policy = SCHED_OTHER, priority = 0 } = {}): Task {
  const t = k.spawn();
  Object.assign(t.sched, { nice, policy, rtPriority: priority });
  return t;
}

/** Picks, charges a slice and puts back, `turns` times; each task runs all of its slice. */
function spin(s: Scheduler, turns: number): void {
  for (let i = 0; i < turns; i++) {
    const t = s.pick()!;
    s.charge(t, SLICE);
    s.preempted(t, 'slice over');
    s.current = null;
  }
}

test('tasks come out by virtual runtime, then by arrival, whatever is taken out in between', () => {
  const rng = new Rng(7), s = new Scheduler();
  const queued: Task[] = [];
  for (let step = 0; step < 3000; step++) {
    const choice = rng.below(5);
    if (choice < 3) {
      const t = task();
      t.sched.vruntime = rng.below(50);
      s.enqueue(t, 'requeue');
      queued.push(t);
    } else if (choice === 3 && queued.length > 0) {
      s.dequeue(queued.splice(rng.below(queued.length), 1)[0]!);
    } else {
      queued.sort((a, b) => a.sched.vruntime - b.sched.vruntime || a.sched.seq - b.sched.seq);
      assert.equal(s.pick(), queued.shift() ?? null);
    }
    assert.equal(s.runnable, queued.length);
  }
});

test('CPU time follows the weights of nice values within 5 %', () => {
  const s = new Scheduler();
  const tasks = [-10, -5, 0, 0, 5, 10, 19].map(nice => task({ nice }));
  tasks.push(task({ policy: SCHED_IDLE }));
  for (const t of tasks) s.enqueue(t, 'new');
  spin(s, 40_000);
  const weights = tasks.reduce((sum, t) => sum + weightOf(t), 0);
  const ran = tasks.reduce((sum, t) => sum + t.sched.sumExec, 0);
  for (const t of tasks) {
    const share = t.sched.sumExec / ran, due = weightOf(t) / weights;
    assert.ok(Math.abs(share / due - 1) < 0.05, `nice ${t.sched.nice}: ${share} of ${due}`);
  }
});

test('a task that wakes up neither starves others with saved-up time nor waits behind those that ran', () => {
  const s = new Scheduler();
  const sleeper = task(), busy = task();
  s.enqueue(busy, 'new');
  spin(s, 100);
  s.enqueue(sleeper, 'wakeup');
  assert.equal(s.pick(), sleeper);
  s.charge(sleeper, SLICE);
  s.preempted(sleeper, 'slice over');
  assert.equal(s.pick(), busy);
});

test('waking preempts a task that is ahead, but batch work preempts nobody', () => {
  const s = new Scheduler();
  const running = task(), polite = task({ policy: SCHED_BATCH }), eager = task();
  s.enqueue(running, 'new');
  s.pick();
  s.charge(running, 4 * SLICE);
  s.enqueue(polite, 'wakeup');
  assert.equal(s.needResched, false);
  eager.sched.vruntime = 0;
  s.enqueue(eager, 'wakeup');
  assert.equal(s.needResched, true);
});

test('real-time tasks run by priority; FIFO keeps its place, RR gives it up after its turn', () => {
  const s = new Scheduler();
  const low = task({ policy: SCHED_FIFO, priority: 1 }), high = task({ policy: SCHED_FIFO, priority: 9 });
  const a = task({ policy: SCHED_RR, priority: 5 }), b = task({ policy: SCHED_RR, priority: 5 });
  for (const t of [low, a, b, high]) s.enqueue(t, 'new');
  assert.equal(s.pick(), high);
  s.charge(high, SLICE);
  s.preempted(high, 'slice over');
  assert.equal(s.pick(), high);
  const order: string[] = [];
  for (let i = 0; i < 75; i++) {
    const t = s.pick()!;
    order.push(t === a ? 'a' : t === b ? 'b' : '?');
    s.charge(t, SLICE);
    s.preempted(t, 'slice over');
  }
  assert.equal(order.join(''), 'a'.repeat(25) + 'b'.repeat(25) + 'a'.repeat(25));
});

test('sched_yield goes behind equals; a better task preempts, an equal one does not', () => {
  const s = new Scheduler();
  const a = task({ policy: SCHED_FIFO, priority: 5 }), b = task({ policy: SCHED_FIFO, priority: 5 }), top = task({ policy: SCHED_FIFO, priority: 6 });
  s.enqueue(a, 'new');
  s.pick();
  s.enqueue(b, 'wakeup');
  assert.equal(s.needResched, false);
  s.yield(a);
  s.preempted(a, 'better task');
  assert.equal(s.pick(), b);
  s.enqueue(top, 'wakeup');
  assert.equal(s.needResched, true);
  s.preempted(b, 'better task');
  assert.equal(s.pick(), top);
  assert.equal(s.pick(), b);
  assert.equal(s.pick(), a);
});

test('a runaway real-time task leaves a twentieth to the others', () => {
  const s = new Scheduler();
  const runaway = task({ policy: SCHED_FIFO, priority: 99 }), shell = task();
  s.enqueue(runaway, 'new');
  s.enqueue(shell, 'new');
  spin(s, 20_000);
  const share = shell.sched.sumExec / (20_000 * SLICE);
  assert.ok(share > 0.04 && share < 0.06, String(share));
});

test('load averages: rise and fall as samples say, and idle time counts when it is over', () => {
  const load = new LoadAverages();
  for (let i = 1; i <= 12; i++) load.sample(i * 5e9, 1);
  assert.ok(Math.abs(load.values[0]! - (1 - Math.exp(-1))) < 1e-9, String(load.values[0]));
  const before = load.values[0]!;
  load.sample(12 * 5e9 + 60e9, 0);
  assert.ok(Math.abs(load.values[0]! - before * Math.exp(-1)) < 1e-9);
  assert.equal(load.nextSampleNs, 12 * 5e9 + 65e9);
});
