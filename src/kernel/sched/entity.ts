// What the scheduler keeps of what it schedules. Owned by sched/.
import type { Task } from '../task/task.ts';
import type { FairQueue } from './fair.ts';
import { SCHED_DEADLINE } from '../../abi/sched.ts';
import type { TaskGroup } from './group.ts';
import { NICE_0_WEIGHT } from './weights.ts';

/** Whatever competes in a fair queue: a task, or a group of tasks. Virtual times are ns of a nice-0 task. */
export class FairEntity {
  weight = NICE_0_WEIGHT;
  /** NICE_0_WEIGHT / weight: virtual time for a ns of CPU time. */
  scale = 1;
  /** Service received so far, divided by weight. */
  vruntime = 0;
  /** When the request in progress (one slice) should have been served. While outside a queue: its distance from vruntime. */
  deadline = 0;
  /** Length of a request in ns of CPU time: short ones are served earlier, not more. 0: the default (sched_setattr(2), sched_runtime). */
  sliceNs = 0;
  /** Service owed to it when it left its queue; negative: it had received more than its share. */
  lag = 0;
  /** The queue it competes in. */
  queue: FairQueue | null = null;
  /** Waiting in `queue`, or running out of it. */
  isOn = false;
  /** Exactly one of these is set. */
  task: Task | null = null;
  group: TaskGroup | null = null;

  // --- the node of FairTree ---
  left: FairEntity | null = null;
  right: FairEntity | null = null;
  up: FairEntity | null = null;
  priority = 0;
  minVruntime = 0;
  /** Order of arrival, breaks ties deterministically. */
  seq = 0;
}

const HIGHEST_LEVEL = 99;

/** Where a task is: outside all queues, waiting for the hart, chosen for it, or denied it for now (its own deadline budget is used up). */
export type Place = 'off' | 'queued' | 'running' | 'throttled';

export class SchedEntity extends FairEntity {
  policy = 0;
  nice = 0;
  rtPriority = 0;
  /** Real-time priority lent by those who wait for a PI lock it holds (ipc/futex-pi.ts); 0: none. */
  boost = 0;
  resetOnFork = false;
  affinity = 1;
  /** ioprio_set(2); 0: none was set. */
  ioprio = 0;
  place: Place = 'off';

  // --- SCHED_FIFO, SCHED_RR ---
  /** Neighbours in the list of its priority. */
  before: SchedEntity | null = null;
  after: SchedEntity | null = null;
  /** ns of the SCHED_RR turn in progress. */
  turnNs = 0;
  /** sched_yield(2): goes behind its equals when it leaves the hart. */
  yielded = false;

  // --- SCHED_DEADLINE (sched(7)) ---
  dlRuntimeNs = 0;
  dlDeadlineNs = 0;
  dlPeriodNs = 0;
  /** SCHED_FLAG_RECLAIM, SCHED_FLAG_DL_OVERRUN. */
  dlFlags = 0;
  /** Of this period's runtime; the absolute deadline in monotonic time. */
  dlLeftNs = 0;
  dlAbsolute = 0;
  /** Timer that ends the throttling; 0: none. */
  dlTimer = 0;
  /** Place in the heap of deadlines. */
  heapIndex = -1;

  // --- statistics: /proc/PID/sched, /proc/PID/schedstat ---
  /** CPU time, and time spent waiting for the CPU, in ns. */
  sumExecNs = 0;
  runDelayNs = 0;
  /** Since when it has been waiting. */
  queuedNs = 0;
  /** Times it was given the hart. */
  runs = 0;
  wakeups = 0;
  /** Its longest wait for the hart. */
  maxDelayNs = 0;

  /** The real-time priority at which it runs, or which it lends; 0: a fair task's. */
  get level(): number { return this.policy === SCHED_DEADLINE ? HIGHEST_LEVEL : Math.max(this.rtPriority, this.boost); }
}
