// The fair class: a tree of queues, one for each task group, whose leaves are tasks. Running means to be the current entity of one's queue and to have
// one's group be current in its parent's, up to the root.
import type { FairEntity, SchedEntity } from './entity.ts';
import type { Arrival, FairQueue } from './fair.ts';
import type { TaskGroup } from './group.ts';
import { NICE_0_WEIGHT, weightOf } from './weights.ts';

export class FairClass {
  private readonly root: TaskGroup;
  private seq = 0;

  constructor(root: TaskGroup) { this.root = root; }

  /** A task joins, and with it the groups that had nobody to run until now. */
  enqueue(e: SchedEntity, why: Arrival): void {
    e.queue ??= this.root.queue;
    reweigh(e, weightOf(e.policy, e.nice));
    addTasks(e.queue, 1);
    this.join(e, why);
  }

  /** A waiting task leaves. */
  dequeue(e: SchedEntity): void {
    addTasks(e.queue!, -1);
    leave(e);
  }

  /** Chooses a task, which is running from now on; null: there is none. */
  pick(): SchedEntity | null {
    let { queue } = this.root;
    for (;;) {
      const e = queue.pick();
      if (e === null) return null;
      queue.start(e);
      if (e.group === null) return e as SchedEntity;
      queue = e.group.queue;
    }
  }

  /** The running task waits again. */
  putBack(e: SchedEntity, nowNs: number): void {
    for (let q: FairQueue | null = e.queue; q !== null; q = parentOf(q)) q.stop();
    throttleExhausted(e, nowNs);
  }

  /** The running task leaves; groups that are empty then leave, too. */
  block(e: SchedEntity, nowNs: number): void {
    addTasks(e.queue!, -1);
    let leaves = true;
    for (let at: FairEntity | null = e; at !== null; at = at.queue!.group.entity) {
      const q: FairQueue = at.queue!;
      if (leaves) q.dequeue(at);
      else q.stop();
      leaves &&= q.entities === 0;
    }
    throttleExhausted(e, nowNs);
  }

  /** Charges the running task and its groups. */
  charge(e: SchedEntity, ns: number, nowNs: number): 'go on' | 'turn over' {
    let isOver = false;
    for (let q: FairQueue | null = e.queue; q !== null; q = parentOf(q)) {
      if (q.charge(ns) === 'request served') isOver = true;
      q.group.charge(ns, nowNs);
      if (q.group.isExhausted) isOver = true;
    }
    return isOver ? 'turn over' : 'go on';
  }

  /** How long the running task may go on, `atMostNs`. */
  allowanceNs(e: SchedEntity, atMostNs: number): number {
    let ns = atMostNs;
    for (let q: FairQueue | null = e.queue; q !== null; q = parentOf(q)) {
      if (q.entities > 1) ns = Math.min(ns, q.requestLeftNs);
      ns = Math.min(ns, q.group.leftNs);
    }
    return ns;
  }

  /** Has one of the task's groups used up its quota? */
  isExhausted(e: SchedEntity): boolean {
    for (let q: FairQueue | null = e.queue; q !== null; q = parentOf(q)) if (q.group.isExhausted) return true;
    return false;
  }

  /** Would `e`, which waits, be served before the running task? They are compared where their groups compete. */
  isBefore(e: FairEntity): boolean {
    for (let at: FairEntity | null = e; at !== null && at.isOn; at = at.queue!.group.entity) if (at.queue!.current !== null) return at.queue!.isBefore(at);
    return false;
  }

  /** A throttled group has quota again. */
  rejoin(group: TaskGroup): void {
    if (group.queue.entities === 0) return;
    addTasks(group.parent!.queue, group.queue.tasks);
    this.join(group.entity!, 'wakeup');
  }

  /** The weight of a group among its siblings. */
  setGroupWeight(group: TaskGroup, weight: number): void {
    const e = group.entity!, q = e.queue!, { isOn } = e, isCurrent = q.current === e;
    if (isOn) q.dequeue(e);
    reweigh(e, weight);
    if (!isOn) return;
    q.enqueue(e, 'move', e.seq);
    if (isCurrent) q.start(e);
  }

  private join(e: FairEntity, why: Arrival): void {
    let at: FairEntity | null = e, arrival = why;
    while (at !== null && !at.isOn) {
      const q: FairQueue = at.queue!;
      q.enqueue(at, arrival, ++this.seq);
      at = q.group.throttled ? null : q.group.entity;
      arrival = 'wakeup';
    }
  }
}

const parentOf = (q: FairQueue): FairQueue | null => q.group.parent?.queue ?? null;

/** `e` leaves, and groups that are empty then. */
function leave(e: FairEntity): void {
  let at: FairEntity | null = e;
  while (at !== null && at.isOn) {
    const q: FairQueue = at.queue!;
    q.dequeue(at);
    at = q.entities === 0 ? q.group.entity : null;
  }
}

/** Tasks that can be picked in `q` and above, up to a group that is throttled. */
function addTasks(q: FairQueue, n: number): void {
  for (let at: FairQueue | null = q; at !== null; at = at.group.throttled ? null : parentOf(at)) at.tasks += n;
}

/** Groups from `e` upwards that have used up their quota leave until their next period. Nobody runs at this moment. */
function throttleExhausted(e: SchedEntity, nowNs: number): void {
  for (let q: FairQueue | null = e.queue; q !== null; q = parentOf(q)) {
    const { group } = q;
    if (group.parent === null || group.throttled || !group.isExhausted || q.entities === 0) continue;
    addTasks(group.parent.queue, -q.tasks);
    leave(group.entity!);
    group.throttle(nowNs);
  }
}

/** What is owed, and what is left of the request, are CPU time: they keep their size in virtual time of another weight. */
function reweigh(e: FairEntity, weight: number): void {
  if (e.weight === weight) return;
  const scale = e.weight / weight;
  e.lag *= scale;
  e.deadline *= scale;
  e.weight = weight;
  e.scale = NICE_0_WEIGHT / weight;
}
