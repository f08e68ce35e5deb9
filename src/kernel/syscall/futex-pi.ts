// The operations of futex(2) on priority-inheritance locks, and on conditions whose waiters go on to such a lock (ipc/futex-pi.ts).
import { type Errno, EAGAIN, EINVAL, EPERM, ERESTARTNOINTR, ETIMEDOUT, isErr } from '../../abi/errno.ts';
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '../../abi/futex.ts';
import { move } from '../ipc/futex.ts';
import { PiWait, inherit, lockToWaitFor, tryLock, unlock } from '../ipc/futex-pi.ts';
import type { Task } from '../task/task.ts';
import { callDeadline, type Reference } from './ipc-time.ts';

export type Scope = 'private' | 'shared';

/** FUTEX_LOCK_PI, FUTEX_LOCK_PI2. Signals do not end it. */
export function lockPi(t: Task, uaddr: number, scope: Scope, timeout: number, from: Reference): number {
  const deadline = callDeadline(t, timeout, from);
  if (deadline < 0) return deadline;
  const key = t.user.futexKey(uaddr, scope);
  if (isErr(key)) return key;
  const before = t.restart?.data;
  if (before instanceof PiWait && before.state === 'owner') return 0;
  if (before instanceof PiWait && before.state === 'heir') return inherit(t, uaddr, key);
  return queueUp(t, uaddr, key, deadline, new PiWait());
}

/** FUTEX_TRYLOCK_PI. */
export function tryLockPi(t: Task, uaddr: number, scope: Scope): number {
  const key = t.user.futexKey(uaddr, scope);
  if (isErr(key)) return key;
  const taken = tryLock(t, uaddr);
  if (taken !== EAGAIN) return taken;
  const word = t.user.value, lock = lockToWaitFor(t, key, word);
  if (isErr(lock)) return lock;
  lock.dropIfUnused();
  const e = t.user.storeU32(uaddr, (word | FUTEX_WAITERS) >>> 0);
  return e !== 0 ? e : EAGAIN;
}

/** FUTEX_UNLOCK_PI. */
export function unlockPi(t: Task, uaddr: number, scope: Scope): number {
  const e = t.user.loadU32(uaddr);
  if (e !== 0) return e;
  if ((t.user.value & FUTEX_TID_MASK) !== t.tid) return EPERM;
  const key = t.user.futexKey(uaddr, scope);
  return isErr(key) ? key : unlock(t, uaddr, key, 0);
}

/** Takes the lock or parks behind it, with `wait` in the restart record. */
function queueUp(t: Task, uaddr: number, key: string, deadline: number, wait: PiWait): number {
  const taken = tryLock(t, uaddr);
  if (taken !== EAGAIN) return taken;
  const word = t.user.value;
  if (deadline <= t.kernel.now()) return ETIMEDOUT;
  if (t.signalPending) return ERESTARTNOINTR;
  const e = t.user.storeU32(uaddr, (word | FUTEX_WAITERS) >>> 0);
  if (e !== 0) return e;
  const lock = lockToWaitFor(t, key, word);
  if (isErr(lock)) return lock;
  t.record().data = wait;
  return t.waitOnUntil(lock, deadline, 'futex');
}

/** FUTEX_WAIT_REQUEUE_PI: waits for the word at `uaddr`, is moved to the lock at `lockAddr`, and returns as its owner. */
export function waitRequeuePi(t: Task, uaddr: number, scope: Scope, val: number, timeout: number, from: Reference, lockAddr: number): number {
  if (uaddr === lockAddr || (lockAddr & 3) !== 0) return EINVAL;
  const deadline = callDeadline(t, timeout, from);
  if (deadline < 0) return deadline;
  const key = t.user.futexKey(uaddr, scope), lockKey = t.user.futexKey(lockAddr, scope);
  if (isErr(key)) return key;
  if (isErr(lockKey)) return lockKey;
  if (key === lockKey) return EINVAL;
  const before = t.restart?.data;
  if (before instanceof PiWait) {
    if (before.state === 'owner') return 0;
    if (before.state === 'heir') return inherit(t, lockAddr, lockKey);
    if (deadline <= t.kernel.now()) return ETIMEDOUT;
    if (t.signalPending) return before.state === 'moved' ? EAGAIN : ERESTARTNOINTR;
    if (before.state === 'moved') return queueUp(t, lockAddr, lockKey, deadline, before);
  }
  const e = t.user.loadU32(uaddr);
  if (e !== 0) return e;
  if (t.user.value !== val) return EAGAIN;
  if (deadline <= t.kernel.now()) return ETIMEDOUT;
  if (t.signalPending) return ERESTARTNOINTR;
  t.record().data = new PiWait(lockKey);
  return t.waitOnUntil(t.kernel.ipc.futexes.queue(key), deadline, 'futex');
}

/** FUTEX_CMP_REQUEUE_PI: the first waiter gets the lock if it is free, up to `moveCount` others wait for it. How many of both. */
export function requeuePi(t: Task, uaddr: number, lockAddr: number, scope: Scope, wakeCount: number, moveCount: number, expected: number): number {
  if (wakeCount !== 1 || moveCount < 0 || uaddr === lockAddr || (lockAddr & 3) !== 0) return EINVAL;
  const key = t.user.futexKey(uaddr, scope), lockKey = t.user.futexKey(lockAddr, scope);
  if (isErr(key)) return key;
  if (isErr(lockKey)) return lockKey;
  const e = t.user.loadU32(uaddr);
  if (e !== 0) return e;
  if (t.user.value !== expected) return EAGAIN;
  const queue = t.kernel.ipc.futexes.queueOf(key);
  if (queue === undefined) return 0;
  let count = 0;
  for (const w of queue.waiters) {
    const waiter = w as Task, wait = waiter.restart?.data;
    if (!(wait instanceof PiWait) || wait.target !== lockKey) return EINVAL;
    const f = t.user.loadU32(lockAddr);
    if (f !== 0) return f;
    const word = t.user.value;
    if (count === 0 && (word & FUTEX_TID_MASK) === 0) {
      const g = t.user.storeU32(lockAddr, (waiter.tid | word & FUTEX_OWNER_DIED | (moveCount > 0 ? FUTEX_WAITERS : 0)) >>> 0);
      if (g !== 0) return g;
      wait.state = 'owner';
      waiter.notify(0);
    } else {
      if (count > moveCount) break;
      const moved = moveBehind(t, waiter, queue, lockAddr, lockKey, word);
      if (moved !== 0) return moved;
      wait.state = 'moved';
    }
    count++;
  }
  return count;
}

function moveBehind(t: Task, waiter: Task, from: Parameters<typeof move>[1], lockAddr: number, lockKey: string, word: number): 0 | Errno {
  const e = t.user.storeU32(lockAddr, (word | FUTEX_WAITERS) >>> 0);
  if (e !== 0) return e;
  const lock = lockToWaitFor(waiter, lockKey, word);
  if (isErr(lock)) return lock;
  move(waiter, from, lock);
  return 0;
}
