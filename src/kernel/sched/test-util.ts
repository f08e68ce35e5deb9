// A scheduler alone, with a clock that tests turn and tasks that only consume time.
import { Timers } from '../time/timers.ts';
import { FakeKernel } from '../ipc/test-util.ts';
import type { Task } from '../task/task.ts';
import type { SchedEntity } from './entity.ts';
import { Scheduler } from './scheduler.ts';

export class Bench {
  readonly kernel = new FakeKernel();
  nowNs = 0;
  readonly timers = new Timers();
  readonly s = new Scheduler(this, this.timers);

  nearNs(): number { return this.nowNs; }

  /** A task, which sleeps. */
  task(of: Partial<SchedEntity> = {}): Task {
    const t = this.kernel.spawn();
    Object.assign(t.sched, of);
    return t;
  }

  /** A task that is new and runnable. */
  ready(of: Partial<SchedEntity> = {}): Task {
    const t = this.task(of);
    this.s.enqueue(t, 'new');
    return t;
  }

  pick(): Task | null {
    this.timers.run(this.nowNs);
    return this.s.pick(this.nowNs);
  }

  /** The task that was picked runs. */
  use(t: Task, ns: number): void {
    this.nowNs += ns;
    this.s.put(t, this.nowNs);
  }

  /** All tasks run as long as they may until `untilNs`; idle time passes. */
  runUntil(untilNs: number): void {
    while (this.nowNs < untilNs) {
      const t = this.pick();
      const left = Math.min(untilNs, this.timers.nextDeadline) - this.nowNs;
      if (t === null) this.nowNs += left;
      else this.use(t, Math.max(1, Math.min(left, Math.ceil(this.s.allowanceNs()))));
    }
  }
}
