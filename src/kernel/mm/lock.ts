// mlock(2), munlock(2), mlockall(2): memory that stays resident. Locking means: present now, and not reclaimed.
import { type Errno, EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_IPC_LOCK } from '../../abi/capability.ts';
import { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT } from '../../abi/mman.ts';
import { RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { lockFits, mayLock } from './account.ts';
import type { AddressSpace } from './address-space.ts';
import { changeFlags, eachMapping } from './advise.ts';
import { pageDown, pageUp } from './layout.ts';
import { populate } from './populate.ts';
import { VM_LOCKED, VM_LOCKONFAULT } from './vma.ts';

/** `when` as in mlock2(2): MLOCK_ONFAULT leaves the pages to their faults. */
export function lockRange(mm: AddressSpace, t: Task, addr: number, length: number, when: 'now' | 'on fault'): 0 | Errno {
  if (!mayLock(t)) return EPERM;
  const start = pageDown(addr), end = pageUp(addr + length);
  if (end > 2 ** 64) return EINVAL;
  if (start === end) return 0;
  if (isErr(lockFits(mm, t, (end - start) / PAGE_SIZE - lockedIn(mm, start, end)))) return ENOMEM;
  const flags = when === 'now' ? VM_LOCKED : VM_LOCKED | VM_LOCKONFAULT;
  const r = eachMapping(mm, start, end, (v, from, to) => changeFlags(mm, v, from, to, flags, when === 'now' ? VM_LOCKONFAULT : 0));
  if (isErr(r) || when === 'on fault') return r;
  return posixError(populate(mm, t, start, end, 'all'));
}

export function unlockRange(mm: AddressSpace, addr: number, length: number): 0 | Errno {
  const start = pageDown(addr), end = pageUp(addr + length);
  if (end > 2 ** 64) return EINVAL;
  return eachMapping(mm, start, end, (v, from, to) => changeFlags(mm, v, from, to, 0, VM_LOCKED | VM_LOCKONFAULT));
}

export function lockAll(mm: AddressSpace, t: Task, flags: number): 0 | Errno {
  if (flags === 0 || flags === MCL_ONFAULT || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) !== 0) return EINVAL;
  if (!mayLock(t)) return EPERM;
  const limit = t.process.rlimits[RLIMIT_MEMLOCK]!.soft;
  if ((flags & MCL_CURRENT) !== 0 && mm.totalPages * PAGE_SIZE > limit && !t.cred.has(CAP_IPC_LOCK)) return ENOMEM;
  const bits = (flags & MCL_ONFAULT) !== 0 ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED;
  mm.defaultVmFlags = (flags & MCL_FUTURE) !== 0 ? bits : 0;
  if ((flags & MCL_CURRENT) === 0) return 0;
  for (const v of mm.list.toArray()) changeFlags(mm, v, v.start, v.end, bits, (flags & MCL_ONFAULT) !== 0 ? 0 : VM_LOCKONFAULT);
  // As on Linux, what cannot be brought in does not fail the call.
  if ((flags & MCL_ONFAULT) === 0) for (const v of mm.list.toArray()) populate(mm, t, v.start, v.end, 'what is at hand');
  return 0;
}

export function unlockAll(mm: AddressSpace): 0 {
  mm.defaultVmFlags = 0;
  for (const v of mm.list.toArray()) changeFlags(mm, v, v.start, v.end, 0, VM_LOCKED | VM_LOCKONFAULT);
  return 0;
}

function lockedIn(mm: AddressSpace, start: number, end: number): number {
  let pages = 0;
  for (let v = mm.list.after(start); v !== null && v.start < end; v = v.next) {
    if ((v.vmFlags & VM_LOCKED) !== 0) pages += (Math.min(v.end, end) - Math.max(v.start, start)) / PAGE_SIZE;
  }
  return pages;
}

/** POSIX names for what went wrong while pages were brought in. */
function posixError(r: 0 | Errno): 0 | Errno {
  if (r === EFAULT) return ENOMEM;
  return r === ENOMEM ? EAGAIN : r;
}
