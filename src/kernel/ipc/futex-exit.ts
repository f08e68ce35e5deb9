// What becomes of the futexes that a dying thread holds: robust lists (get_robust_list(2)), and PI locks that somebody waits for.
import { isErr } from '../../abi/errno.ts';
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, RobustListHead } from '../../abi/futex.ts';
import type { Task } from '../task/task.ts';
import { bequeath, unlock } from './futex-pi.ts';

/** The kernel follows at most this many entries. */
const LIMIT = 2048;

/** A thread ends, or leaves its memory behind (execve): whatever it holds goes to those who wait. Called while it still has its memory. */
export function releaseFutexes(t: Task): void {
  exitRobustList(t);
  bequeath(t);
}

/**
 * The robust list at thread exit (get_robust_list(2)): locks that a dying thread holds are marked FUTEX_OWNER_DIED and one waiter of each is woken.
 * The list lies in user memory and is believed in nothing.
 */
function exitRobustList(t: Task): void {
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
  if (isPi) return unlock(t, addr, key, FUTEX_OWNER_DIED) === 0;
  if (t.user.storeU32(addr, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0) !== 0) return false;
  if ((word & FUTEX_WAITERS) !== 0) futexes.wake(key, 1, -1);
  return true;
}
