// Futexes (futex(2)): sleep in user space until a word changes. The table maps a word's key to the tasks that wait for it. A task is in a
// queue exactly while it sleeps (waking for any reason takes it out), so every wake-up counted here reaches somebody who waits.
import { type Errno, EINVAL } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import { type Waiter, WaitQueue } from '../sched/wait-queue.ts';

/** Kept in the restart record of a waiting call. */
export class FutexWait {
  /** Which wakers may wake it (FUTEX_WAIT_BITSET); ~0: all. */
  readonly bitset: number;
  /** -1 while nobody has woken it; else the index among the words waited for (futex_waitv(2)), 0 for a single one. */
  wokenBy = -1;
  /** FUTEX_WAIT_REQUEUE_PI: key of the lock it is to be moved to, and only there; else null. */
  readonly target: string | null;
  constructor(bitset: number, target: string | null = null) {
    this.bitset = bitset;
    this.target = target;
  }
}

/** The tasks that wait for one word, in order of arrival. Leaves the table with its last waiter. */
export class FutexQueue extends WaitQueue {
  private readonly table: FutexTable;
  readonly key: string;
  constructor(table: FutexTable, key: string) {
    super();
    this.table = table;
    this.key = key;
  }
  override remove(w: Waiter): void {
    super.remove(w);
    if (this.isEmpty) this.table.drop(this);
  }
}

export class FutexTable {
  private readonly queues = new Map<string, FutexQueue>();

  /** Words somebody waits for: 0 when the machine is idle. */
  get size(): number { return this.queues.size; }

  /** The queue of a word, to be waited on at once. */
  queue(key: string): FutexQueue {
    let q = this.queues.get(key);
    if (q === undefined) this.queues.set(key, (q = new FutexQueue(this, key)));
    return q;
  }

  drop(q: FutexQueue): void {
    if (this.queues.get(q.key) === q) this.queues.delete(q.key);
  }

  /** Wakes up to `count` waiters whose bitset meets `bitset`; how many. EINVAL: somebody there waits to be moved to a PI lock. */
  wake(key: string, count: number, bitset: number): number | Errno {
    const q = this.queues.get(key);
    if (q === undefined) return 0;
    let woken = 0;
    for (const w of q.waiters) {
      if (woken >= count) break;
      const t = w as Task;
      const wait = t.restart?.data;
      if (!(wait instanceof FutexWait)) continue;
      if (wait.target !== null) return EINVAL;
      if ((wait.bitset & bitset) === 0) continue;
      wait.wokenBy = t.parkedOn.indexOf(q);
      t.notify(0);
      woken++;
    }
    return woken;
  }

  /** Wakes up to `wakeCount` waiters of `from`, and makes up to `moveCount` others wait for `to` instead. Both together. */
  requeue(from: string, to: string, wakeCount: number, moveCount: number): number | Errno {
    const woken = this.wake(from, wakeCount, -1);
    const q = this.queues.get(from);
    if (woken < 0 || q === undefined) return woken;
    if (from === to) return woken + Math.min(moveCount, q.waiters.size);
    let moved = 0;
    for (const w of q.waiters) {
      if (moved >= moveCount) break;
      const t = w as Task;
      if (t.restart?.data instanceof FutexWait && t.restart.data.target !== null) return EINVAL;
      move(t, q, this.queue(to));
      moved++;
    }
    return woken + moved;
  }

  /** Who waits for the word, longest first. */
  waiters(key: string): Iterable<Task> { return (this.queues.get(key)?.waiters ?? []) as Iterable<Task>; }

  /** The queue of a word somebody waits for. */
  queueOf(key: string): FutexQueue | undefined { return this.queues.get(key); }
}

/** A sleeping task waits for something else instead. */
export function move(t: Task, from: WaitQueue, to: WaitQueue): void {
  to.add(t);
  t.parkedOn[t.parkedOn.indexOf(from)] = to;
  from.remove(t);
}

/** Wakes one waiter of a shared word of the current address space: CLONE_CHILD_CLEARTID (set_tid_address(2)). */
export function futexWakeAddr(t: Task, addr: number): void {
  const key = t.user.futexKey(addr, 'shared');
  if (typeof key === 'string') t.kernel.ipc.futexes.wake(key, 1, -1);
}
