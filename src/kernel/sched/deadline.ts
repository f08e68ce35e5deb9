// SCHED_DEADLINE: earliest deadline first, each task behind a constant bandwidth server (sched(7), "SCHED_DEADLINE"; Abeni and Buttazzo, "Integrating
// Multimedia Applications in Hard Real-Time Systems", 1998): it gets its runtime in every period, and no more.
import { IndexedHeap } from '../../lib/heap.ts';
import type { SchedEntity } from './entity.ts';

/** What all deadline tasks may ask for together: as real-time tasks, 95 % of the CPU. In 2^-20, as Linux counts. */
const BANDWIDTH_LIMIT = Math.floor(0.95 * 2 ** 20);
/** sched_setattr(2): bounds of the parameters; /proc/sys/kernel/sched_deadline_period_{min,max}_us. */
const LEAST_RUNTIME_NS = 1024;
export const MIN_PERIOD_NS = 100_000;
export const MAX_PERIOD_NS = 2 ** 22 * 1000;

export class DeadlineQueue extends IndexedHeap<SchedEntity> {
  /** Sum of the bandwidths admitted. */
  private admitted = 0;

  protected override before(a: SchedEntity, b: SchedEntity): boolean {
    return a.dlAbsolute < b.dlAbsolute || (a.dlAbsolute === b.dlAbsolute && a.seq < b.seq);
  }

  /** Admission control: is there room for `e` with the new parameters? Takes it if so. */
  admit(e: SchedEntity, runtimeNs: number, periodNs: number): boolean {
    const next = this.admitted - bandwidth(e.dlRuntimeNs, e.dlPeriodNs) + bandwidth(runtimeNs, periodNs);
    if (next > BANDWIDTH_LIMIT && next > this.admitted) return false;
    this.admitted = next;
    return true;
  }
}

/** Runtime a period in 2^-20 of the CPU. */
const bandwidth = (runtimeNs: number, periodNs: number): number => (periodNs === 0 ? 0 : Math.floor(runtimeNs * 2 ** 20 / periodNs));

/** sched_setattr(2), EINVAL: runtime <= deadline <= period, and all of a sensible size. `periodNs` 0: the same as the deadline. */
export function areValid(runtimeNs: number, deadlineNs: number, periodNs: number): boolean {
  const period = periodNs || deadlineNs;
  return deadlineNs > 0 && deadlineNs < 2 ** 63 && runtimeNs >= LEAST_RUNTIME_NS && runtimeNs <= deadlineNs && deadlineNs <= period
    && period >= MIN_PERIOD_NS && period <= MAX_PERIOD_NS;
}

/** When the period that belongs to the present deadline ends, and the next one begins. */
export const nextPeriod = (e: SchedEntity): number => e.dlAbsolute - e.dlDeadlineNs + e.dlPeriodNs;

/**
 * A task wakes up: may it go on with what it had left, or does that exceed its bandwidth (the wake-up rule of the server)? Answers 'throttled' when it
 * has to wait for its next period.
 */
export function wakeServer(e: SchedEntity, nowNs: number): 'ready' | 'throttled' {
  const isConstrained = e.dlDeadlineNs < e.dlPeriodNs;
  if (e.dlAbsolute <= nowNs) {
    if (isConstrained && e.dlAbsolute > 0 && nowNs < nextPeriod(e)) return 'throttled';
    renew(e, nowNs);
    return 'ready';
  }
  if (e.dlLeftNs <= 0) return 'throttled';
  const laxityNs = e.dlAbsolute - nowNs;
  if (e.dlLeftNs * e.dlDeadlineNs <= laxityNs * e.dlRuntimeNs) return 'ready';
  // The original rule would give a constrained task more than its share of the time to its deadline.
  if (isConstrained) e.dlLeftNs = Math.floor(laxityNs * e.dlRuntimeNs / e.dlDeadlineNs);
  else renew(e, nowNs);
  return 'ready';
}

/** The next period has begun: runtime again, by the next deadline. What was overrun is paid back. */
export function replenish(e: SchedEntity, nowNs: number): void {
  if (e.yielded && e.dlLeftNs > 0) e.dlLeftNs = 0;
  e.yielded = false;
  do {
    e.dlAbsolute += e.dlPeriodNs;
    e.dlLeftNs += e.dlRuntimeNs;
  } while (e.dlLeftNs <= 0);
  if (e.dlAbsolute < nowNs) renew(e, nowNs);
}

function renew(e: SchedEntity, nowNs: number): void {
  e.dlAbsolute = nowNs + e.dlDeadlineNs;
  e.dlLeftNs = e.dlRuntimeNs;
}
