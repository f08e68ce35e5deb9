// futex(2), futex_waitv(2), set_robust_list(2), get_robust_list(2).
import {
  type Errno, EAGAIN, EINVAL, ENOSYS, EPERM, ERESTARTSYS, ERESTART_RESTARTBLOCK, ESRCH, ETIMEDOUT, isErr,
} from '../../abi/errno.ts';
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import {
  FUTEX_32, FUTEX_CLOCK_REALTIME, FUTEX_CMD_MASK, FUTEX_CMP_REQUEUE, FUTEX_CMP_REQUEUE_PI, FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI, FUTEX_WAIT, FUTEX_WAITV_MAX, FUTEX_WAIT_BITSET,
  FUTEX_WAIT_REQUEUE_PI, FUTEX_WAKE, FUTEX_WAKE_BITSET, FUTEX_WAKE_OP, FutexWaitv, RobustListHead,
} from '../../abi/futex.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../../abi/time.ts';
import { FutexWait } from '../ipc/futex.ts';
import { wakeOp } from '../ipc/futex-wake-op.ts';
import type { Task } from '../task/task.ts';
import { flags, oneOf, pid, ptr, size, syscall, uint } from './define.ts';
import { lockPi, requeuePi, type Scope, tryLockPi, unlockPi, waitRequeuePi } from './futex-pi.ts';
import { callDeadline, type Reference } from './ipc-time.ts';

const OPS = {
  FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_LOCK_PI, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI, FUTEX_WAIT_BITSET,
  FUTEX_WAKE_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI, FUTEX_LOCK_PI2, FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME,
};

/** futex(2). */
export const sys_futex = syscall({
  name: 'futex',
  args: [ptr('uaddr'), flags('op', OPS), uint('val'), ptr('timeout'), ptr('uaddr2'), uint('val3')],
  gaps: 'a SCHED_DEADLINE waiter lends the owner of a PI lock real-time priority 99 instead of its deadline',
  run(t, uaddr, op, val, timeout, uaddr2, val3) {
    const scope = (op & FUTEX_PRIVATE_FLAG) !== 0 ? 'private' : 'shared';
    const realtime = (op & FUTEX_CLOCK_REALTIME) !== 0;
    if ((uaddr & 3) !== 0) return EINVAL;
    const val2 = timeout | 0; // operations without timeout: a count
    const { futexes } = t.kernel.ipc;
    const cmd = op & FUTEX_CMD_MASK;
    if (realtime && cmd !== FUTEX_WAIT && cmd !== FUTEX_WAIT_BITSET && cmd !== FUTEX_LOCK_PI2 && cmd !== FUTEX_WAIT_REQUEUE_PI) return ENOSYS;
    switch (cmd) {
      case FUTEX_WAIT: return wait(t, uaddr, scope, val, timeout, 'relative', -1);
      case FUTEX_WAIT_BITSET: return wait(t, uaddr, scope, val, timeout, realtime ? 'realtime' : 'monotonic', val3 | 0);
      case FUTEX_WAKE: return wake(t, uaddr, scope, val | 0, -1);
      case FUTEX_WAKE_BITSET: return wake(t, uaddr, scope, val | 0, val3 | 0);
      case FUTEX_REQUEUE: return requeue(t, uaddr, uaddr2, scope, val | 0, val2, null);
      case FUTEX_CMP_REQUEUE: return requeue(t, uaddr, uaddr2, scope, val | 0, val2, val3);
      case FUTEX_WAKE_OP: {
        const first = t.user.futexKey(uaddr, scope), second = t.user.futexKey(uaddr2, scope);
        if (isErr(first)) return first;
        if (isErr(second)) return second;
        const holds = wakeOp(t, uaddr2, val3);
        if (isErr(holds)) return holds;
        const woken = futexes.wake(first, atLeastOne(val | 0), -1);
        if (woken < 0 || holds === 'first only') return woken;
        const more = futexes.wake(second, atLeastOne(val2), -1);
        return more < 0 ? more : woken + more;
      }
      case FUTEX_LOCK_PI: return lockPi(t, uaddr, scope, timeout, 'realtime');
      case FUTEX_LOCK_PI2: return lockPi(t, uaddr, scope, timeout, realtime ? 'realtime' : 'monotonic');
      case FUTEX_TRYLOCK_PI: return tryLockPi(t, uaddr, scope);
      case FUTEX_UNLOCK_PI: return unlockPi(t, uaddr, scope);
      case FUTEX_WAIT_REQUEUE_PI: return waitRequeuePi(t, uaddr, scope, val, timeout, realtime ? 'realtime' : 'monotonic', uaddr2);
      case FUTEX_CMP_REQUEUE_PI: return requeuePi(t, uaddr, uaddr2, scope, val | 0, val2, val3);
      default: return ENOSYS;
    }
  },
});

function wait(t: Task, uaddr: number, scope: Scope, val: number, timeout: number, from: Reference, bitset: number): number {
  if (bitset === 0) return EINVAL;
  const deadline = callDeadline(t, timeout, from);
  if (deadline < 0) return deadline;
  const before = t.restart?.data;
  if (before instanceof FutexWait) {
    if (before.wokenBy >= 0) return 0;
    if (deadline <= t.kernel.now()) return ETIMEDOUT;
    if (t.signalPending) return interrupted(deadline);
  }
  const e = t.user.loadU32(uaddr);
  if (e !== 0) return e;
  if (t.user.value !== val) return EAGAIN;
  const key = t.user.futexKey(uaddr, scope);
  if (isErr(key)) return key;
  if (deadline <= t.kernel.now()) return ETIMEDOUT;
  if (t.signalPending) return interrupted(deadline);
  t.record().data = new FutexWait(bitset);
  return t.waitOnUntil(t.kernel.ipc.futexes.queue(key), deadline, 'futex');
}

const interrupted = (deadlineNs: number): Errno => (deadlineNs === Infinity ? ERESTARTSYS : ERESTART_RESTARTBLOCK);

/** Linux wakes one even if asked for none. */
const atLeastOne = (count: number): number => Math.max(1, count);

function wake(t: Task, uaddr: number, scope: Scope, count: number, bitset: number): number {
  if (bitset === 0) return EINVAL;
  const key = t.user.futexKey(uaddr, scope);
  return isErr(key) ? key : t.kernel.ipc.futexes.wake(key, atLeastOne(count), bitset);
}

function requeue(t: Task, uaddr: number, uaddr2: number, scope: Scope, wakeCount: number, moveCount: number, expected: number | null): number {
  if (wakeCount < 0 || moveCount < 0 || (uaddr2 & 3) !== 0) return EINVAL;
  const from = t.user.futexKey(uaddr, scope);
  if (isErr(from)) return from;
  const to = t.user.futexKey(uaddr2, scope);
  if (isErr(to)) return to;
  if (expected !== null) {
    const e = t.user.loadU32(uaddr);
    if (e !== 0) return e;
    if (t.user.value !== expected) return EAGAIN;
  }
  return t.kernel.ipc.futexes.requeue(from, to, wakeCount, moveCount);
}

/** futex_waitv(2): waits for one of up to 128 words; the result is the index of the one that was woken. */
export const sys_futex_waitv = syscall({
  name: 'futex_waitv',
  args: [ptr('waiters'), uint('nr_futexes'), uint('flags'), ptr('timeout'), oneOf('clockid', { CLOCK_MONOTONIC, CLOCK_REALTIME })],
  run(t, waiters, count, flags, timeout, clockid) {
    if (flags !== 0 || count === 0 || count > FUTEX_WAITV_MAX || waiters === 0) return EINVAL;
    if (timeout !== 0 && clockid !== CLOCK_MONOTONIC && clockid !== CLOCK_REALTIME) return EINVAL;
    const deadline = callDeadline(t, timeout, clockid === CLOCK_REALTIME ? 'realtime' : 'monotonic');
    if (deadline < 0) return deadline;
    const before = t.restart?.data;
    if (before instanceof FutexWait && before.wokenBy >= 0) return before.wokenBy;
    const keys = loadWaiters(t, waiters, count);
    if (typeof keys === 'number') return keys;
    if (deadline <= t.kernel.now()) return ETIMEDOUT;
    if (t.signalPending) return ERESTARTSYS;
    t.record().data = new FutexWait(-1);
    for (const key of keys) t.alsoWaitOn(t.kernel.ipc.futexes.queue(key));
    return t.waitOnUntil(null, deadline, 'futex');
  },
});

/** The keys of the words, all of which still hold what is expected. */
function loadWaiters(t: Task, waiters: number, count: number): string[] | Errno {
  const step = FutexWaitv.size;
  const raw = new Uint8Array(count * step);
  const e = t.user.copyIn(waiters, raw);
  if (e !== 0) return e;
  const w = FutexWaitv.view(raw);
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    w.at(i * step);
    if (w._reserved !== 0 || (w.flags & ~FUTEX_PRIVATE_FLAG) !== FUTEX_32 || (w.uaddr & 3) !== 0) return EINVAL;
    const f = t.user.loadU32(w.uaddr);
    if (f !== 0) return f;
    if (t.user.value !== w.val) return EAGAIN;
    const key = t.user.futexKey(w.uaddr, (w.flags & FUTEX_PRIVATE_FLAG) !== 0 ? 'private' : 'shared');
    if (isErr(key)) return key;
    keys.push(key);
  }
  return keys;
}

/** set_robust_list(2). */
export const sys_set_robust_list = syscall({
  name: 'set_robust_list',
  args: [ptr('head'), size('len')],
  run(t, head, len) {
    if (len !== RobustListHead.size) return EINVAL;
    t.robustList = head;
    return 0;
  },
});

/** get_robust_list(2). */
export const sys_get_robust_list = syscall({
  name: 'get_robust_list',
  args: [pid('pid'), ptr('head_ptr'), ptr('len_ptr')],
  run(t, pid, headPtr, lenPtr) {
    const target = pid === 0 ? t : t.kernel.pids.tasks.get(pid);
    if (!target) return ESRCH;
    if (target.process !== t.process && target.cred.uid !== t.cred.uid && !t.cred.has(CAP_SYS_PTRACE)) return EPERM;
    const e = t.user.storeI64(lenPtr, RobustListHead.size);
    return e !== 0 ? e : t.user.storeI64(headPtr, target.robustList);
  },
});

