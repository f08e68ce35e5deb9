// Task groups: the structure that a CPU controller sits on (cgroups(7), "cpu"; Linux's cpu.weight and cpu.max). A group competes in its parent's queue
// as one entity with its own weight, whatever runs inside; its bandwidth is a quota of CPU time a period, and a group that has used it up leaves the queue until
// the next period begins.
import { TimerTarget } from '../time/timers.ts';
import { FairEntity } from './entity.ts';
import { FairQueue } from './fair.ts';
import { NICE_0_WEIGHT } from './weights.ts';
import type { Scheduler } from './scheduler.ts';

/** cpu.weight that means "an equal share". */
const DEFAULT_WEIGHT = 100;

export class TaskGroup {
  readonly scheduler: Scheduler;
  readonly parent: TaskGroup | null;
  readonly queue: FairQueue;
  /** How it competes with its siblings; null: the root. */
  readonly entity: FairEntity | null;
  /** cpu.weight, 1..10000. */
  weight = DEFAULT_WEIGHT;
  /** CPU time a period; Infinity: as much as there is. */
  quotaNs = Infinity;
  periodNs = 100_000_000;
  throttled = false;
  /** What is left of the quota, and when the period ends. */
  leftNs = Infinity;
  periodEndNs = 0;
  // cpu.stat
  usageNs = 0;
  periods = 0;
  throttledPeriods = 0;
  throttledNs = 0;
  throttledSinceNs = 0;
  private timer = 0;

  constructor(scheduler: Scheduler, parent: TaskGroup | null) {
    this.scheduler = scheduler;
    this.parent = parent;
    this.queue = new FairQueue(this);
    this.entity = parent === null ? null : new FairEntity();
    if (this.entity === null) return;
    this.entity.group = this;
    this.entity.queue = parent!.queue;
  }

  /** cpu.max: a new quota begins a new period. */
  setQuota(quotaNs: number, periodNs: number, nowNs: number): void {
    this.quotaNs = this.leftNs = quotaNs;
    this.periodNs = periodNs;
    this.periodEndNs = quotaNs === Infinity ? 0 : nowNs + periodNs;
    this.refill(nowNs);
  }

  /** Charges CPU time; a new period brings a new quota. */
  charge(ns: number, nowNs: number): void {
    this.usageNs += ns;
    if (this.quotaNs === Infinity) return;
    if (nowNs >= this.periodEndNs) this.beginPeriod(nowNs);
    this.leftNs -= ns;
  }

  get isExhausted(): boolean { return this.leftNs <= 0; }

  /** The quota is used up: the scheduler has taken the group off its parent's queue. */
  throttle(nowNs: number): void {
    this.throttled = true;
    this.throttledPeriods++;
    this.throttledSinceNs = nowNs;
    this.timer = this.scheduler.timers.add(Math.max(this.periodEndNs, nowNs + 1), new PeriodTimer(this));
  }

  /** A period has ended, or the quota was changed. */
  refill(nowNs: number): void {
    if (this.timer !== 0) this.scheduler.timers.cancel(this.timer);
    this.timer = 0;
    if (this.quotaNs !== Infinity && nowNs >= this.periodEndNs) this.beginPeriod(nowNs);
    if (!this.throttled) return;
    if (this.isExhausted) {
      this.timer = this.scheduler.timers.add(this.periodEndNs, new PeriodTimer(this));
      return;
    }
    this.throttled = false;
    this.throttledNs += nowNs - this.throttledSinceNs;
    this.scheduler.unthrottle(this);
  }

  /** What was used beyond the quota is taken from the next one. Periods follow each other without gaps, as a timer would have them. */
  private beginPeriod(nowNs: number): void {
    const over = Math.min(0, this.leftNs);
    const passed = this.periodEndNs === 0 ? 1 : Math.floor((nowNs - this.periodEndNs) / this.periodNs) + 1;
    this.periodEndNs = this.periodEndNs === 0 ? nowNs + this.periodNs : this.periodEndNs + passed * this.periodNs;
    this.periods += passed;
    this.leftNs = Math.min(this.quotaNs, over + passed * this.quotaNs);
  }
}

/** cpu.weight to a weight among nice values: 100 is nice 0. */
export const groupWeight = (cpuWeight: number): number => Math.max(2, Math.round(cpuWeight * NICE_0_WEIGHT / DEFAULT_WEIGHT));

class PeriodTimer extends TimerTarget {
  private readonly group: TaskGroup;
  constructor(group: TaskGroup) {
    super();
    this.group = group;
  }
  override expire(nowNs: number): void { this.group.refill(nowNs); }
}
