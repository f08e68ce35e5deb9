// What the scheduler keeps of a task. Owned by sched/.

export class SchedEntity {
  policy = 0;
  nice = 0;
  rtPriority = 0;
  /** Weighted virtual runtime in ns (fair class). */
  vruntime = 0;
  /** Instructions run in total; time is instructions. */
  sumExec = 0;
  /** Position in the run queue's heap; -1 = not queued. */
  heapIndex = -1;
  /** Order of arrival, breaks ties deterministically. */
  seq = 0;
  /** Instructions of the SCHED_RR turn in progress. */
  turn = 0;
  /** sched_yield(2): goes behind its equals when it leaves the hart. */
  yielded = false;
  resetOnFork = false;
  affinity = 1;
  /** ioprio_set(2); 0: none was set. */
  ioprio = 0;
}
