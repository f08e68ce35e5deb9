// Priority-inheritance futexes (futex(2), "Priority-inheritance futexes"). The word names its owner. The kernel knows of a lock while somebody waits for it:
// then its owner runs at the level of the best waiter, and so does whom that owner waits for. A lock is handed over to the best waiter, its word changed
// before that one runs; only what a dead owner leaves behind (bequeath) is written by the heir.
import { type Errno, EAGAIN, EDEADLK, EINVAL, ESRCH } from '../../abi/errno.ts';
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '../../abi/futex.ts';
import { IndexedHeap } from '../../lib/heap.ts';
import { WaitQueue, type Waiter } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { FutexWait } from './futex.ts';

/** Kept in the restart record of a call that waits for a PI lock, or to be moved to one (`target`). */
export class PiWait extends FutexWait {
  /** 'moved': from the condition's word to the lock. 'owner': the lock is its own. 'heir': so it is, but the word is still to be written. */
  state: 'waiting' | 'moved' | 'owner' | 'heir' = 'waiting';
  constructor(target: string | null = null) { super(-1, target); }
}

/** A task's place in the queue of a lock. */
class Place {
  heapIndex = -1;
  readonly task: Task;
  readonly arrival: number;
  /** The priority that it lends to the owner. */
  level: number;
  constructor(task: Task, arrival: number) {
    this.task = task;
    this.arrival = arrival;
    this.level = task.sched.level;
  }
}

class Places extends IndexedHeap<Place> {
  protected override before(a: Place, b: Place): boolean { return a.level > b.level || (a.level === b.level && a.arrival < b.arrival); }
}

export class PiLock extends WaitQueue {
  private readonly table: Map<string, PiLock>;
  readonly key: string;
  owner: Task;
  /** The owner has not yet written the word. */
  inherited = false;
  private readonly places = new Map<Waiter, Place>();
  private readonly order = new Places();
  private arrivals = 0;

  constructor(table: Map<string, PiLock>, key: string, owner: Task) {
    super();
    this.table = table;
    this.key = key;
    this.owner = owner;
    table.set(key, this);
    (owner.piLocks ??= new Set()).add(this);
  }

  /** Of the highest level, longest there. */
  get best(): Task | null { return this.order.top?.task ?? null; }
  /** At which its owner has to run at least. */
  get level(): number { return this.order.top?.level ?? 0; }

  override add(w: Waiter): void {
    super.add(w);
    const place = new Place(w as Task, ++this.arrivals);
    this.places.set(w, place);
    this.order.push(place);
    adjust(this.owner);
  }

  override remove(w: Waiter): void {
    super.remove(w);
    this.order.remove(this.places.get(w)!);
    this.places.delete(w);
    this.dropIfUnused();
    adjust(this.owner);
  }

  /** The level of a waiter has changed. */
  reorder(t: Task): void {
    const place = this.places.get(t);
    if (place === undefined) return; // it is just leaving
    place.level = t.sched.level;
    this.order.moved(place);
    adjust(this.owner);
  }

  /** Nobody waits: what there is to know stands in the word. */
  dropIfUnused(): void {
    if (!this.isEmpty || this.inherited) return;
    this.owner.piLocks?.delete(this);
    if (this.table.get(this.key) === this) this.table.delete(this.key);
  }

  /** From its owner to `heir`, who is waiting and wakes. */
  passTo(heir: Task, how: 'owner' | 'heir'): void {
    const before = this.owner;
    (heir.restart!.data as PiWait).state = how;
    this.inherited = how === 'heir';
    before.piLocks!.delete(this);
    this.owner = heir;
    (heir.piLocks ??= new Set()).add(this);
    heir.notify(0);
    adjust(before);
  }
}

/** The owner gives the lock at `uaddr` to the best waiter, or leaves it free. `died`: FUTEX_OWNER_DIED or 0, for the next owner to see. */
export function unlock(t: Task, uaddr: number, key: string, died: number): 0 | Errno {
  const lock = t.kernel.ipc.piLocks.get(key);
  if (lock !== undefined && lock.owner !== t) return EINVAL;
  const heir = lock?.best ?? null;
  if (heir === null) return t.user.storeU32(uaddr, died >>> 0);
  const e = t.user.storeU32(uaddr, (heir.tid | FUTEX_WAITERS | died) >>> 0);
  if (e === 0) lock!.passTo(heir, 'owner');
  return e;
}

/** What `t` holds when it ends without a word goes to the best waiter of each. */
export function bequeath(t: Task): void {
  for (const lock of t.piLocks ?? []) {
    const heir = lock.best;
    lock.inherited = false;
    if (heir !== null) lock.passTo(heir, 'heir');
    else lock.dropIfUnused();
  }
}

/** The heir runs: the lock's word names it, and says how it came to it. */
export function inherit(t: Task, uaddr: number, key: string): 0 | Errno {
  const e = t.user.storeU32(uaddr, (t.tid | FUTEX_WAITERS | FUTEX_OWNER_DIED) >>> 0);
  const lock = t.kernel.ipc.piLocks.get(key);
  if (lock !== undefined) {
    lock.inherited = false;
    lock.dropIfUnused();
  }
  return e;
}

/** The lock that the word says another thread owns, for `t` to wait for. */
export function lockToWaitFor(t: Task, key: string, word: number): PiLock | Errno {
  const { piLocks } = t.kernel.ipc;
  const known = piLocks.get(key);
  if (known !== undefined && !known.inherited && known.owner.tid !== (word & FUTEX_TID_MASK)) return EINVAL;
  const owner = known?.owner ?? t.kernel.pids.tasks.get(word & FUTEX_TID_MASK);
  if (owner === undefined || owner.state === 'Z' || owner.state === 'X') return ESRCH;
  for (let o: Task | undefined = owner; o !== undefined; o = lockOf(o)?.owner) if (o === t) return EDEADLK;
  return known ?? new PiLock(piLocks, key, owner);
}

/** Takes a lock for `t` if its word says that it is free. EAGAIN: it has an owner; the word is left in `t.user.value`. */
export function tryLock(t: Task, uaddr: number): 0 | Errno {
  const e = t.user.loadU32(uaddr);
  if (e !== 0) return e;
  const word = t.user.value, owner = word & FUTEX_TID_MASK;
  if (owner === t.tid) return EDEADLK;
  return owner !== 0 ? EAGAIN : t.user.storeU32(uaddr, (word & FUTEX_OWNER_DIED | t.tid) >>> 0);
}

/** Policy, priority or boost of `t` has changed: whom it waits for is to run at its level. */
export function levelChanged(t: Task): void { lockOf(t)?.reorder(t); }

/** What `t` sleeps for. */
function lockOf(t: Task): PiLock | undefined { return t.parkedOn.find(q => q instanceof PiLock); }

/** `owner` runs at the level of whoever waits for it, and so on along the chain. It ends: nobody waits for himself (lockToWaitFor). */
function adjust(owner: Task): void {
  let level = 0;
  for (const lock of owner.piLocks ?? []) level = Math.max(level, lock.level);
  if (level === owner.sched.boost) return;
  owner.kernel.sched.boost(owner, level);
  levelChanged(owner);
}
