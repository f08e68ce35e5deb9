// One fair queue: earliest eligible virtual deadline first (Stoica and Abdel-Wahab, "Earliest Eligible Virtual Deadline First", 1995; sched(7)).
// Entities that have received no more than their weighted share are eligible; among them the one whose request is due first runs. Who leaves the
// queue keeps its lag, what it is owed or owes, so that sleeping neither earns nor loses time.
import type { FairEntity } from './entity.ts';
import { FairTree } from './fair-tree.ts';
import type { TaskGroup } from './group.ts';
import { NICE_0_WEIGHT } from './weights.ts';

/** A request's length unless a task asks for another: what Linux takes on a machine with one CPU. */
export const BASE_SLICE_NS = 700_000;
/** Lag is forgotten beyond two slices, or this. */
export const LAG_BOUND_NS = 4_000_000;

/** 'move': its parameters have changed, its request stays as it was. */
export type Arrival = 'new' | 'wakeup' | 'move';

export class FairQueue {
  /** Whose members compete here. */
  readonly group: TaskGroup;
  /** The one that runs, or some member of which runs; it is not in the tree. */
  current: FairEntity | null = null;
  /** Entities here, the current one included, and tasks here and below. */
  entities = 0;
  tasks = 0;
  /** Sum of the weights of all entities. */
  weight = 0;
  private readonly tree = new FairTree();
  /** The average virtual runtime is base + moment / weight: differences to a near base keep the sum exact. */
  private base = 0;
  private moment = 0;

  constructor(group: TaskGroup) { this.group = group; }

  /** Virtual time: the weighted average of the virtual runtimes. */
  get average(): number { return this.weight === 0 ? this.base : this.base + this.moment / this.weight; }

  /** `e` joins. `seq` orders arrivals. */
  enqueue(e: FairEntity, why: Arrival, seq: number): void {
    e.seq = seq;
    // Its arrival moves the average towards itself, so the lag that it should have afterwards is asked for in advance.
    const lag = why === 'new' || this.weight === 0 || e.lag === 0 ? 0 : e.lag * (this.weight + e.weight) / this.weight;
    e.vruntime = this.average - lag;
    const request = virtual(e, sliceOf(e));
    e.deadline = e.vruntime + (why === 'move' && e.deadline > 0 ? e.deadline : why === 'new' ? request / 2 : request);
    this.account(e, 1);
    e.isOn = true;
    this.tree.insert(e);
  }

  /** `e` leaves. */
  dequeue(e: FairEntity): void {
    if (this.entities === 1) {
      e.lag = 0;
    } else {
      const bound = virtual(e, Math.max(2 * sliceOf(e), LAG_BOUND_NS));
      e.lag = Math.max(-bound, Math.min(bound, this.average - e.vruntime));
    }
    e.deadline -= e.vruntime;
    this.account(e, -1);
    e.isOn = false;
    if (this.current === e) this.current = null;
    else this.tree.remove(e);
  }

  /** Who should run; the current one counts too. It stays where it is. */
  pick(): FairEntity | null {
    const { current } = this;
    if (this.entities === 1) return current ?? this.tree.only;
    // At least one is eligible by definition; rounding must not hide it.
    const least = Math.min(this.tree.minVruntime, current === null ? Infinity : current.vruntime);
    const limit = Math.max(this.average, least);
    const first = this.tree.earliest(limit);
    if (current === null || current.vruntime > limit) return first;
    return first === null || current.deadline <= first.deadline ? current : first;
  }

  /** `e`, which waits, runs. */
  start(e: FairEntity): void {
    this.tree.remove(e);
    this.current = e;
  }

  /** The current one waits again. */
  stop(): void {
    const e = this.current!;
    this.current = null;
    this.tree.insert(e);
  }

  /** The current one has run for `ns`. */
  charge(ns: number): 'go on' | 'request served' {
    const e = this.current!;
    e.vruntime += virtual(e, ns);
    this.moment += ns * NICE_0_WEIGHT;
    if (this.moment > this.weight * LAG_BOUND_NS) this.rebase();
    if (e.vruntime < e.deadline) return 'go on';
    e.deadline = e.vruntime + virtual(e, sliceOf(e));
    return 'request served';
  }

  /** What is left of the current request, in ns of CPU time. */
  get requestLeftNs(): number {
    const e = this.current!;
    return (e.deadline - e.vruntime) * e.weight / NICE_0_WEIGHT;
  }

  /** sched_yield(2): the current one gives up the rest of its request, unless it is ahead of its share anyway. */
  forfeit(): void {
    const e = this.current!;
    if (e.vruntime > this.average) return;
    this.moment += (e.deadline - e.vruntime) * e.weight;
    e.vruntime = e.deadline;
    e.deadline += virtual(e, sliceOf(e));
  }

  /** Does `e`, which waits here, come before the current one? */
  isBefore(e: FairEntity): boolean { return e.deadline < this.current!.deadline && e.vruntime <= this.average; }

  private account(e: FairEntity, sign: 1 | -1): void {
    this.entities += sign;
    if (this.entities === 0) {
      this.base = this.average;
      this.moment = this.weight = 0;
      return;
    }
    this.weight += sign * e.weight;
    this.moment += sign * e.weight * (e.vruntime - this.base);
  }

  private rebase(): void {
    const by = this.moment / this.weight;
    this.base += by;
    this.moment = 0;
  }
}

/** Length of its requests in ns of CPU time. */
export const sliceOf = (e: FairEntity): number => e.sliceNs || BASE_SLICE_NS;
/** CPU time as virtual time of `e`. */
const virtual = (e: FairEntity, ns: number): number => ns * e.scale;
