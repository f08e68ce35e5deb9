// What itimers, POSIX timers and timerfds have in common: a deadline on some clock, a period, and something to do at expiry. Timers on CPU
// clocks are armed for the earliest instant at which the CPU time can have been used, and look again then.
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { processCpuNs, taskCpuNs } from './cpu-time.ts';
import { TimerTarget } from './timers.ts';
import type { ClockFollower } from './wall-clock.ts';

/** What a timer measures: 'user' is ITIMER_VIRTUAL's, time in user mode only. Real time is kept as monotonic time. */
export type TimerClock = 'monotonic' | 'process-cpu' | 'thread-cpu' | 'user';

/** A CPU-time timer looks again after at least this long. */
const MIN_RECHECK_NS = 1_000_000;

/** 'realtime': the deadline is an instant of CLOCK_REALTIME, given in monotonic time, and moves when that clock is set. */
export type DeadlineKind = 'fixed' | 'realtime';

export abstract class IntervalTimer extends TimerTarget implements ClockFollower {
  readonly kernel: Kernel;
  readonly clock: TimerClock;
  /** Whose CPU time counts; null for monotonic timers. */
  readonly task: Task | null;
  /** Next expiry in ns of `clock`; Infinity: disarmed. */
  deadlineNs = Infinity;
  /** Period; 0: once. */
  intervalNs = 0;
  private armed = 0;

  constructor(kernel: Kernel, clock: TimerClock, task: Task | null) {
    super();
    this.kernel = kernel;
    this.clock = clock;
    this.task = task;
  }

  /** `count` periods (at least one) are over. */
  protected abstract fired(count: number): void;

  /** Present time of the timer's clock, in ns. */
  time(): number {
    switch (this.clock) {
      case 'monotonic': return this.kernel.now();
      case 'process-cpu': {
        const { user, system } = processCpuNs(this.task!.process);
        return user + system;
      }
      case 'thread-cpu': {
        const { user, system } = taskCpuNs(this.task!);
        return user + system;
      }
      case 'user': return processCpuNs(this.task!.process).user;
    }
  }

  arm(deadlineNs: number, intervalNs: number, kind: DeadlineKind = 'fixed'): void {
    this.disarm();
    if (kind === 'realtime') this.kernel.clock.followers.add(this);
    this.deadlineNs = deadlineNs;
    this.intervalNs = intervalNs;
    this.catchUp();
    this.schedule();
  }

  disarm(): void {
    this.kernel.clock.followers.delete(this);
    if (this.armed !== 0) this.kernel.timers.cancel(this.armed);
    this.armed = 0;
    this.deadlineNs = Infinity;
  }

  /** ClockFollower. */
  clockMoved(byNs: number): void {
    if (this.armed !== 0) this.kernel.timers.cancel(this.armed);
    this.armed = 0;
    this.deadlineNs -= byNs;
    this.schedule();
  }

  /** ns to the next expiry; 0: disarmed, never 0 while armed. */
  leftNs(): number { return this.deadlineNs === Infinity ? 0 : Math.max(1, this.deadlineNs - this.time()); }

  /** Fires now if the deadline has passed and only the trap loop has not been round yet. */
  catchUp(): void {
    const late = this.time() - this.deadlineNs;
    if (late < 0 || this.deadlineNs === Infinity) return;
    const count = this.intervalNs > 0 ? 1 + Math.floor(late / this.intervalNs) : 1;
    this.deadlineNs = this.intervalNs > 0 ? this.deadlineNs + count * this.intervalNs : Infinity;
    this.fired(count);
  }

  /** TimerTarget. */
  override expire(): void {
    this.armed = 0;
    this.catchUp();
    this.schedule();
  }

  private schedule(): void {
    if (this.deadlineNs === Infinity || this.armed !== 0) return;
    const at = this.clock === 'monotonic' ? this.deadlineNs : this.kernel.now() + Math.max(MIN_RECHECK_NS, this.deadlineNs - this.time());
    this.armed = this.kernel.timers.add(at, this);
  }
}
