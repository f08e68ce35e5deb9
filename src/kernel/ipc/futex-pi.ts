// Hand-over of a PI futex (futex(2), "Priority-inheritance futexes"): the word always names its owner, so the next one is written into it
// before anybody is woken.
import type { Errno } from '../../abi/errno.ts';
import { FUTEX_WAITERS } from '../../abi/futex.ts';
import type { Task } from '../task/task.ts';

/** The owner gives the lock at `uaddr` to who waits longest, or leaves it free. `died`: FUTEX_OWNER_DIED or 0, for the next owner to see. */
export function handOver(t: Task, uaddr: number, key: string, died: number): 0 | Errno {
  const { futexes } = t.kernel.ipc;
  const heir = futexes.first(key);
  if (heir === null) return t.user.storeU32(uaddr, died >>> 0);
  const more = futexes.waiters(key) > 1 ? FUTEX_WAITERS : 0;
  const e = t.user.storeU32(uaddr, (heir.tid | more | died) >>> 0);
  if (e !== 0) return e;
  futexes.wake(key, 1, -1);
  return 0;
}
