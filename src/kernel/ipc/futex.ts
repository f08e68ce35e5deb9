// Futexes (futex(2)): sleep in user space until a word changes. The table maps a word's key to the tasks that wait for it. A task is in a
// queue exactly while it sleeps (waking for any reason takes it out), so every wake-up counted here reaches somebody who waits.
import { isErr } from '../../abi/errno.ts';
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, RobustListHead } from '../../abi/futex.ts';
import type { Task } from '../task/task.ts';
import { handOver } from './futex-pi.ts';
import { type Waiter, WaitQueue } from '../sched/wait-queue.ts';

/** Kept in the restart record of a waiting call. */
export class FutexWait {
  /** Which wakers may wake it (FUTEX_WAIT_BITSET); ~0: all. */
  readonly bitset: number;
  /** -1 while nobody has woken it; else the index among the words waited for (futex_waitv(2)), 0 for a single one. */
  wokenBy = -1;
  constructor(bitset: number) { this.bitset = bitset; }
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

  /** Wakes up to `count` waiters whose bitset meets `bitset`; how many. */
  wake(key: string, count: number, bitset: number): number {
    const q = this.queues.get(key);
    if (q === undefined) return 0;
    let woken = 0;
    for (const w of q.waiters) {
      if (woken >= count) break;
      const t = w as Task;
      const wait = t.restart?.data;
      if (!(wait instanceof FutexWait) || (wait.bitset & bitset) === 0) continue;
      wait.wokenBy = t.parkedOn.indexOf(q);
      t.notify(0);
      woken++;
    }
    return woken;
  }

  /** Wakes up to `wakeCount` waiters of `from`, and makes up to `moveCount` others wait for `to` instead. Woken and moved. */
  requeue(from: string, to: string, wakeCount: number, moveCount: number): { woken: number; moved: number } {
    const woken = this.wake(from, wakeCount, -1);
    const q = this.queues.get(from);
    if (q === undefined || from === to) return { woken, moved: from === to ? Math.min(moveCount, q?.waiters.size ?? 0) : 0 };
    let moved = 0;
    for (const w of q.waiters) {
      if (moved >= moveCount) break;
      const t = w as Task;
      const target = this.queue(to);
      target.add(t);
      t.parkedOn[t.parkedOn.indexOf(q)] = target;
      q.remove(t);
      moved++;
    }
    return { woken, moved };
  }

  /** Who waits longest for the word. */
  first(key: string): Task | null {
    for (const w of this.queues.get(key)?.waiters ?? []) return w as Task;
    return null;
  }

  waiters(key: string): number { return this.queues.get(key)?.waiters.size ?? 0; }
}

/** Wakes one waiter of a shared word of the current address space: CLONE_CHILD_CLEARTID (set_tid_address(2)). */
export function futexWakeAddr(t: Task, addr: number): void {
  const key = t.user.futexKey(addr, 'shared');
  if (typeof key === 'string') t.kernel.ipc.futexes.wake(key, 1, -1);
}

/** The kernel follows at most this many entries. */
const LIMIT = 2048;

/**
 * The robust list at thread exit (get_robust_list(2)): locks that a dying thread holds are marked FUTEX_OWNER_DIED and one waiter of each is woken.
 * The list lies in user memory and is believed in nothing.
 * Called for the current task while it still has its memory: at exit, and at execve.
 */
export function exitRobustList(t: Task): void {
  const head = t.robustList;
  if (head === 0) return;
  t.robustList = 0;
  const { user } = t;
  const { offsets } = RobustListHead;
  let entry = loadPointer(t, head + offsets.list);
  if (user.loadI64(head + offsets.futex_offset) !== 0) return;
  const offset = user.value;
  const pending = loadPointer(t, head + offsets.list_op_pending);

  for (let left = LIMIT; left > 0 && entry > 0 && entry - (entry % 2) !== head; left--) {
    const next = loadPointer(t, entry - (entry % 2)); // before the lock is released: its new owner may free it
    if (entry !== pending && !ownerDied(t, entry, offset, 'listed')) return;
    entry = next;
  }
  if (pending > 0) ownerDied(t, pending, offset, 'pending');
}

/** A pointer, its lowest bit marking a PI lock; -1 if it cannot be read. */
function loadPointer(t: Task, addr: number): number {
  return t.user.loadU64(addr) === 0 ? t.user.value : -1;
}

function ownerDied(t: Task, entry: number, offset: number, how: 'listed' | 'pending'): boolean {
  const isPi = entry % 2 === 1;
  const addr = entry - (isPi ? 1 : 0) + offset;
  if (addr < 0 || addr % 4 !== 0 || t.user.loadU32(addr) !== 0) return false;
  const word = t.user.value;
  const key = t.user.futexKey(addr, 'shared');
  if (isErr(key)) return false;
  const { futexes } = t.kernel.ipc;
  // A lock being released when the thread died: the word is free already, but the wake-up may not have been sent.
  if (how === 'pending' && !isPi && word === 0) futexes.wake(key, 1, -1);
  if ((word & FUTEX_TID_MASK) !== t.tid) return true;
  if (isPi) return handOver(t, addr, key, FUTEX_OWNER_DIED) === 0;
  if (t.user.storeU32(addr, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0) !== 0) return false;
  if ((word & FUTEX_WAITERS) !== 0) futexes.wake(key, 1, -1);
  return true;
}
