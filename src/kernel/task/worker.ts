// Kernel threads as data: work is an object with a step that runs until it must wait, is parked like any task, and runs again when woken (Linux:
// workqueues, kthreads). A worker has no program and is never given to the scheduler; its turns come from the timer list, in the trap loop.
import { BLOCKED, type Errno } from '../../abi/errno.ts';
import type { Kernel } from '../kernel.ts';
import { credentialsFor } from '../security/credentials.ts';
import { SignalHandlers, SignalQueue } from '../signal/state.ts';
import { TimerTarget } from '../time/timers.ts';
import { FdTable } from '../vfs/fd-table.ts';
import { Task } from './task.ts';

/** Something to be done that may have to wait. */
export abstract class Work {
  /** Does what can be done now. BLOCKED: `t` is parked, and this runs again from its start; anything else: it is over. */
  abstract step(t: Task): 0 | Errno;
}

/** Does work in the order it came. */
export class Worker extends Task {
  private readonly queue: Work[] = [];
  private isRunning = false;
  private timer = 0;

  constructor(kernel: Kernel, name: string) {
    super(kernel, 0, kernel.init, {
      mm: null, files: new FdTable(), fs: kernel.init.leader.fs, cred: credentialsFor(0, 0), handlers: new SignalHandlers(), pending: new SignalQueue(),
    });
    this.name = name;
    this.state = 'D';
  }

  /** Begins at once, if nothing is before it. */
  add(work: Work): void {
    this.queue.push(work);
    this.run();
  }

  get isIdle(): boolean { return this.queue.length === 0; }

  /** Waiter: goes on at the next turn of the trap loop, never inside the call that woke it. */
  override notify(_events: number): void {
    this.unpark();
    if (this.timer === 0) this.timer = this.kernel.timers.add(this.kernel.now(), new WorkerTurn(this));
  }

  run(): void {
    this.timer = 0;
    if (this.isRunning || this.parkedOn.length > 0) return;
    this.isRunning = true;
    for (let work = this.queue[0]; work !== undefined; work = this.queue[0]) {
      const r = work.step(this);
      if (r === BLOCKED) break;
      this.dropRecord();
      this.queue.shift();
    }
    this.isRunning = false;
  }
}

class WorkerTurn extends TimerTarget {
  private readonly worker: Worker;
  constructor(worker: Worker) {
    super();
    this.worker = worker;
  }
  expire(): void { this.worker.run(); }
}
