// Timeouts as user space gives them: a struct __kernel_timespec, relative or on a clock, becomes an absolute monotonic deadline in ns.
import { type Errno, EINVAL } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';

export const NS_PER_SEC = 1_000_000_000;

/** What a timespec is measured from. */
export type Reference = 'relative' | 'monotonic' | 'realtime';

/** The deadline that the timespec at `addr` names; 0: Infinity. EINVAL if it is not normalized or negative. */
export function readDeadline(t: Task, addr: number, from: Reference): number | Errno {
  if (addr === 0) return Infinity;
  const user = t.user;
  const e1 = user.loadI64(addr);
  if (e1 !== 0) return e1;
  const sec = user.value;
  const e2 = user.loadI64(addr + 8);
  if (e2 !== 0) return e2;
  return deadlineOf(t, sec, user.value, from);
}

/** As readDeadline, from the two fields. Never negative: an instant before power-on is 0. */
export function deadlineOf(t: Task, sec: number, nsec: number, from: Reference): number | Errno {
  if (sec < 0 || nsec < 0 || nsec >= NS_PER_SEC) return EINVAL;
  switch (from) {
    case 'relative': return t.kernel.now() + sec * NS_PER_SEC + nsec;
    case 'monotonic': return sec * NS_PER_SEC + nsec;
    case 'realtime': return Math.max(0, t.kernel.clock.monotonicAt(sec, nsec));
  }
}

/** The deadline of the call in progress: the one its first run has set, or the timespec at `addr`. */
export function callDeadline(t: Task, addr: number, from: Reference): number | Errno {
  const set = t.restart?.deadlineNs ?? Infinity;
  if (set !== Infinity) return set;
  const deadline = readDeadline(t, addr, from);
  if (from === 'realtime' && addr !== 0 && deadline >= 0) t.record().isRealtime = true;
  return deadline;
}

/** Stores the time left until `deadlineNs` as a timespec (select_tut(2), ppoll(2)): faults are of no interest by then. */
export function storeTimeLeft(t: Task, addr: number, deadlineNs: number): void {
  const left = Math.max(0, deadlineNs - t.kernel.now());
  if (t.user.storeI64(addr, Math.floor(left / NS_PER_SEC)) === 0) t.user.storeI64(addr + 8, left % NS_PER_SEC);
}
