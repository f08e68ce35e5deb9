// The scheduler alone: shares by weight, lag, slices, real-time order, deadline budgets, groups, statistics.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCHED_BATCH, SCHED_DEADLINE, SCHED_FIFO, SCHED_IDLE, SCHED_RR } from '../../abi/sched.ts';
import { Rng } from '../../lib/rng.ts';
import type { Task } from '../task/task.ts';
import { FairEntity } from './entity.ts';
import { BASE_SLICE_NS } from './fair.ts';
import { FairTree } from './fair-tree.ts';
import { LoadAverages } from './load.ts';
import { Pressure } from './psi.ts';
import { Bench } from './test-util.ts';
import { weightOf } from './weights.ts';

const MS = 1e6, SECOND = 1e9;
const DL = (ms: number, of: number) => ({ policy: SCHED_DEADLINE, dlRuntimeNs: ms * MS, dlDeadlineNs: of * MS, dlPeriodNs: of * MS });
const near = (got: number, due: number, by: number, what = ''): void => assert.ok(Math.abs(got / due - 1) <= by, `${what}: ${got}, not ${due}`);

test('the tree finds the earliest deadline among the eligible, whatever comes and goes', () => {
  const rng = new Rng(7), tree = new FairTree(), inside: FairEntity[] = [];
  for (let step = 0; step < 4000; step++) {
    if (rng.below(5) < 3 || inside.length === 0) {
      const e = new FairEntity();
      e.vruntime = rng.below(200);
      e.deadline = e.vruntime + rng.below(100);
      e.seq = step;
      tree.insert(e);
      inside.push(e);
    } else {
      tree.remove(inside.splice(rng.below(inside.length), 1)[0]!);
    }
    const limit = rng.below(200);
    const due = inside.filter(e => e.vruntime <= limit).sort((a, b) => a.deadline - b.deadline || a.seq - b.seq)[0] ?? null;
    assert.equal(tree.earliest(limit), due);
    assert.equal(tree.minVruntime, Math.min(Infinity, ...inside.map(e => e.vruntime)));
  }
});

test('the tree stays flat for deadlines in rising, falling and equal order', () => {
  const depth = (e: FairEntity | null): number => (e === null ? 0 : 1 + Math.max(depth(e.left), depth(e.right)));
  for (const order of [(i: number) => i, (i: number) => -i, () => 0]) {
    const tree = new FairTree();
    let any = new FairEntity();
    for (let i = 0; i < 10_000; i++) {
      any = new FairEntity();
      any.seq = i;
      any.deadline = order(i);
      tree.insert(any);
    }
    let root = any;
    while (root.up !== null) root = root.up;
    assert.ok(depth(root) < 50, String(depth(root)));
  }
});

test('CPU time follows the weights of nice values within 1 %', () => {
  const b = new Bench();
  const tasks = [-10, -5, 0, 0, 5, 10, 19].map(nice => b.ready({ nice }));
  tasks.push(b.ready({ policy: SCHED_IDLE }));
  b.runUntil(60 * SECOND);
  const weights = tasks.reduce((sum, t) => sum + weightOf(t.sched.policy, t.sched.nice), 0);
  for (const { sched } of tasks) near(sched.sumExecNs / b.nowNs, weightOf(sched.policy, sched.nice) / weights, sched.policy === SCHED_IDLE ? 0.1 : 0.01, `nice ${sched.nice}`);
});

test('nobody is ahead or behind its share by more than a slice', () => {
  const b = new Bench(), n = 20;
  const tasks = Array.from({ length: n }, () => b.ready());
  for (let at = 1; at <= 300; at++) {
    b.runUntil(at * 3.7 * MS);
    for (const t of tasks) assert.ok(Math.abs(t.sched.sumExecNs - b.nowNs / n) <= BASE_SLICE_NS + 1, `${t.sched.sumExecNs} of ${b.nowNs / n}`);
  }
});

test('sleeping neither earns nor loses time', () => {
  const b = new Bench();
  const sleeper = b.ready(), busy = b.ready();
  b.runUntil(10 * MS);
  b.s.dequeue(sleeper);
  b.runUntil(SECOND);
  b.s.enqueue(sleeper, 'wakeup');
  const before = [sleeper.sched.sumExecNs, busy.sched.sumExecNs];
  b.runUntil(SECOND + 100 * MS);
  near(sleeper.sched.sumExecNs - before[0]!, 50 * MS, 0.03);
  near(busy.sched.sumExecNs - before[1]!, 50 * MS, 0.03);
});

test('a task with a short slice preempts when it wakes, one with a long slice waits for its turn; batch work preempts nobody', () => {
  const b = new Bench();
  b.ready();
  const short = b.task({ sliceNs: 100_000 }), long = b.task({ sliceNs: 10 * MS }), batch = b.task({ policy: SCHED_BATCH, sliceNs: 100_000 });
  b.pick();
  b.nowNs += 100_000;
  b.s.enqueue(batch, 'wakeup');
  assert.equal(b.s.needResched, false);
  b.s.dequeue(batch);
  b.s.enqueue(long, 'wakeup');
  assert.equal(b.s.needResched, false);
  b.s.enqueue(short, 'wakeup');
  assert.equal(b.s.needResched, true);
  b.use(b.s.current!, 0);
  assert.equal(b.pick()?.tid, short.tid);
});

test('a task in SCHED_IDLE makes room for any other', () => {
  const b = new Bench();
  b.ready({ policy: SCHED_IDLE });
  b.pick();
  b.s.enqueue(b.task({ nice: 19 }), 'wakeup');
  assert.equal(b.s.needResched, true);
});

test('sched_yield lets the others run before the task is asked again', () => {
  const b = new Bench();
  const yielder = b.ready(), other = b.ready();
  const order: Task[] = [];
  for (let i = 0; i < 6; i++) {
    const t = b.pick()!;
    order.push(t);
    if (t === yielder) b.s.yield(t);
    b.use(t, t === yielder ? 1000 : BASE_SLICE_NS);
  }
  assert.ok(order.filter(t => t === other).length >= 3);
  assert.ok(order.includes(yielder));
});

test('real-time tasks run by priority; FIFO keeps its place, RR gives it up after 100 ms', () => {
  const b = new Bench();
  const low = b.ready({ policy: SCHED_FIFO, rtPriority: 1 });
  const [x, y] = [b.ready({ policy: SCHED_RR, rtPriority: 5 }), b.ready({ policy: SCHED_RR, rtPriority: 5 })];
  const high = b.ready({ policy: SCHED_FIFO, rtPriority: 99 });
  b.ready();
  b.runUntil(300 * MS);
  assert.equal(high.sched.sumExecNs, 300 * MS);
  b.s.dequeue(high);
  b.runUntil(400 * MS);
  assert.deepEqual([x.sched.sumExecNs, y.sched.sumExecNs, low.sched.sumExecNs], [100 * MS, 0, 0]);
  b.runUntil(450 * MS);
  assert.deepEqual([x.sched.sumExecNs, y.sched.sumExecNs], [100 * MS, 50 * MS]);
  // A better one comes and goes: whose turn was not over goes on.
  b.s.enqueue(high, 'wakeup');
  b.runUntil(460 * MS);
  b.s.dequeue(high);
  b.runUntil(510 * MS);
  assert.deepEqual([x.sched.sumExecNs, y.sched.sumExecNs], [100 * MS, 100 * MS]);
});

test('sched_yield of a real-time task goes behind its equals; a better task preempts, an equal one does not', () => {
  const b = new Bench();
  const first = b.ready({ policy: SCHED_FIFO, rtPriority: 5 });
  b.pick();
  const second = b.ready({ policy: SCHED_FIFO, rtPriority: 5 });
  assert.equal(b.s.needResched, false);
  b.s.yield(first);
  b.use(first, 1000);
  assert.equal(b.pick()?.tid, second.tid);
  const top = b.ready({ policy: SCHED_FIFO, rtPriority: 6 });
  assert.equal(b.s.needResched, true);
  b.use(second, 1000);
  assert.deepEqual([b.pick()?.tid, b.s.runnable], [top.tid, 2]);
  b.s.dequeue(top);
  assert.equal(b.pick()?.tid, second.tid);
});

test('a fair task that holds what a real-time one waits for runs before those in between, and no longer', () => {
  const b = new Bench();
  const owner = b.ready(), between = b.ready({ policy: SCHED_FIFO, rtPriority: 10 });
  b.runUntil(10 * MS);
  assert.deepEqual([owner.sched.sumExecNs, between.sched.sumExecNs], [0, 10 * MS]);
  b.s.boost(owner, 30);
  b.runUntil(30 * MS);
  assert.deepEqual([owner.sched.sumExecNs, between.sched.sumExecNs], [20 * MS, 10 * MS]);
  b.s.boost(owner, 0);
  b.runUntil(40 * MS);
  assert.deepEqual([owner.sched.sumExecNs, between.sched.sumExecNs], [20 * MS, 20 * MS]);
});

test('a runaway real-time task leaves a twentieth to the others', () => {
  const b = new Bench();
  b.ready({ policy: SCHED_FIFO, rtPriority: 99 });
  const shell = b.ready();
  b.runUntil(20 * SECOND);
  near(shell.sched.sumExecNs / b.nowNs, 0.05, 0.06);
});

test('deadline tasks get their runtime in every period and no more, whatever else wants to run', () => {
  const b = new Bench();
  const tasks = [b.ready(DL(10, 30)), b.ready(DL(20, 100)), b.ready(DL(1, 5))];
  const others = [b.ready({ policy: SCHED_FIFO, rtPriority: 99 }), b.ready({ nice: -20 })];
  for (let at = 1; at <= 100; at++) {
    b.runUntil(at * 300 * MS);
    assert.deepEqual(tasks.map(t => Math.round(t.sched.sumExecNs / MS)), [100 * at, 60 * at, 60 * at]);
  }
  assert.ok(others.every(t => t.sched.sumExecNs > 0));
});

test('a deadline task that yields gets the next period; one that oversleeps does not save up', () => {
  const b = new Bench();
  const t = b.ready(DL(10, 100));
  assert.equal(b.pick()?.tid, t.tid);
  b.s.yield(t);
  b.use(t, MS);
  assert.equal(b.pick(), null);
  b.nowNs = 100 * MS;
  assert.equal(b.pick()?.tid, t.tid);
  assert.equal(t.sched.dlLeftNs, 10 * MS);
  b.nowNs += 2 * MS;
  b.s.block(t, b.nowNs);
  b.nowNs = 195 * MS; // 8 ms left for the last 5 would be more than a tenth
  b.s.enqueue(t, 'wakeup');
  assert.deepEqual([t.sched.dlLeftNs, t.sched.dlAbsolute], [10 * MS, 295 * MS]);
});

test('admission: 95 % in all, whoever leaves makes room', () => {
  const b = new Bench();
  const [x, y] = [b.task(), b.task()];
  assert.equal(b.s.deadline.admit(x.sched, 90 * MS, 100 * MS), true);
  Object.assign(x.sched, DL(90, 100));
  assert.equal(b.s.deadline.admit(y.sched, 10 * MS, 100 * MS), false);
  assert.equal(b.s.deadline.admit(y.sched, 5 * MS, 100 * MS), true);
  Object.assign(y.sched, DL(5, 100));
  assert.equal(b.s.deadline.admit(y.sched, 1 * MS, 100 * MS), true);
  Object.assign(y.sched, DL(1, 100));
  b.s.release(x);
  assert.equal(b.s.deadline.admit(y.sched, 95 * MS, 100 * MS), true);
});

test('groups share by their weights, not by how many tasks they have', () => {
  const b = new Bench();
  const [small, big] = [b.s.makeGroup(b.s.root), b.s.makeGroup(b.s.root)];
  b.s.setWeight(big, 300);
  const one = b.task(), many = Array.from({ length: 10 }, () => b.task()), outside = b.task();
  b.s.moveTo(one, small);
  for (const t of many) b.s.moveTo(t, big);
  for (const t of [one, ...many, outside]) b.s.enqueue(t, 'new');
  b.runUntil(10 * SECOND);
  near(one.sched.sumExecNs, 2 * SECOND, 0.01, 'small');
  near(outside.sched.sumExecNs, 2 * SECOND, 0.01, 'root');
  for (const t of many) near(t.sched.sumExecNs, 0.6 * SECOND, 0.02, 'big');
  assert.equal(big.usageNs, many.reduce((sum, t) => sum + t.sched.sumExecNs, 0));
  // Weights change while tasks run.
  b.s.setWeight(big, 100);
  const before = one.sched.sumExecNs;
  b.runUntil(13 * SECOND);
  near(one.sched.sumExecNs - before, SECOND, 0.01, 'after');
});

test('a group gets its quota a period, also through groups above it, and its tasks sleep and wake meanwhile', () => {
  const b = new Bench(), rng = new Rng(3);
  const outer = b.s.makeGroup(b.s.root), inner = b.s.makeGroup(outer);
  b.s.setBandwidth(inner, 20 * MS, 100 * MS);
  b.s.setBandwidth(outer, 50 * MS, 100 * MS);
  const [x, y, z, free] = [b.task(), b.task(), b.task(), b.task()];
  b.s.moveTo(x, inner);
  b.s.moveTo(y, inner);
  b.s.moveTo(z, outer);
  for (const t of [x, y, z, free]) b.s.enqueue(t, 'new');
  for (let step = 1; step <= 1000; step++) {
    b.runUntil(step * 10 * MS);
    const t = [y, free][rng.below(2)]!;
    if (t.sched.place === 'off') b.s.enqueue(t, 'wakeup');
    else b.s.dequeue(t);
  }
  near(inner.usageNs, 2 * SECOND, 0.02, 'inner');
  near(outer.usageNs, 5 * SECOND, 0.02, 'outer');
  assert.ok(inner.throttledPeriods > 90 && inner.throttledNs > 4 * SECOND && inner.periods >= 99, `${inner.throttledPeriods} ${inner.throttledNs} ${inner.periods}`);
  b.s.setBandwidth(inner, Infinity, 100 * MS);
  b.s.setBandwidth(outer, Infinity, 100 * MS);
  for (const t of [x, y, z, free]) b.s.dequeue(t);
  assert.deepEqual([b.s.runnable, b.s.root.queue.tasks, outer.queue.tasks, inner.queue.tasks, b.s.root.queue.weight], [0, 0, 0, 0, 0]);
});

test('policies, nice values and groups change at random moments: nobody is lost, nobody runs twice', () => {
  const b = new Bench(), rng = new Rng(11);
  const groups = [b.s.root, b.s.makeGroup(b.s.root)];
  groups.push(b.s.makeGroup(groups[1]!));
  b.s.setBandwidth(groups[2]!, 5 * MS, 10 * MS);
  const tasks = Array.from({ length: 30 }, () => b.ready());
  for (let step = 0; step < 5000; step++) {
    const t = tasks[rng.below(tasks.length)]!;
    switch (rng.below(5)) {
      case 0: b.s.dequeue(t); break;
      case 1: b.s.enqueue(t, 'wakeup'); break;
      case 2: b.s.moveTo(t, groups[rng.below(3)]!); break;
      case 3: {
        const was = b.s.beginChange(t), policy = [0, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE][rng.below(5)]!;
        Object.assign(t.sched, { policy, nice: rng.below(40) - 20, rtPriority: policy === SCHED_FIFO || policy === SCHED_RR ? 1 + rng.below(99) : 0 });
        b.s.endChange(t, was);
        break;
      }
      default: b.runUntil(b.nowNs + rng.below(2 * MS));
    }
    const queued = tasks.filter(o => o.sched.place === 'queued').length, hidden = groups[2]!.throttled ? groups[2]!.queue.tasks : 0;
    assert.equal(b.s.runnable, queued - hidden);
  }
});

test('10,000 runnable tasks: everybody runs within a round, and is picked no more often than its turns ask for', () => {
  const b = new Bench();
  const tasks = Array.from({ length: 10_000 }, () => b.ready());
  b.runUntil(10_000 * BASE_SLICE_NS + 20 * MS);
  assert.ok(tasks.every(t => t.sched.sumExecNs > 0));
  assert.ok(b.s.picks <= 20_100, String(b.s.picks)); // first requests are half as long
});

test('statistics: time on the hart, time waiting for it, pressure', () => {
  const b = new Bench();
  const [x, y] = [b.ready(), b.ready()];
  b.runUntil(SECOND);
  for (const { sched } of [x, y]) near(sched.runDelayNs, SECOND / 2, 0.01);
  assert.equal(b.s.busyNs, SECOND);
  assert.equal(b.s.pressure.totalNs(b.nowNs), SECOND);
  b.s.dequeue(y);
  b.runUntil(2 * SECOND);
  assert.ok(b.s.pressure.totalNs(b.nowNs) <= SECOND + BASE_SLICE_NS);
});

test('pressure averages rise with the share of time, and fall while nobody looks', () => {
  const p = new Pressure();
  p.begin(0);
  for (let at = 2; at <= 10; at += 2) p.sample(at * SECOND);
  near(p.averages[0]!, 1 - Math.exp(-1), 1e-9);
  p.end(10 * SECOND);
  const before = p.averages[1]!;
  p.sample(70 * SECOND);
  near(p.averages[1]!, before * Math.exp(-1), 1e-9);
});

test('load averages: rise and fall as samples say, and idle time counts when it is over', () => {
  const load = new LoadAverages();
  for (let i = 1; i <= 12; i++) load.sample(i * 5e9, 1);
  near(load.values[0]!, 1 - Math.exp(-1), 1e-9);
  const before = load.values[0]!;
  load.sample(12 * 5e9 + 60e9, 0);
  near(load.values[0]!, before * Math.exp(-1), 1e-9);
  assert.equal(load.nextSampleNs, 12 * 5e9 + 65e9);
});
