// What mappings count against: RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, the commit limit, and the figures of /proc/PID/status.
import { type Errno, EAGAIN, ENOMEM } from '../../abi/errno.ts';
import { CAP_IPC_LOCK } from '../../abi/capability.ts';
import { PROT_EXEC } from '../../abi/mman.ts';
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { commitFits } from './overcommit.ts';
import { VM_ACCOUNT, VM_LOCKED, type Vma } from './vma.ts';

/** May the space grow by `pages`, of which `data` says whether RLIMIT_DATA counts them? Linux: may_expand_vm. */
export function mayExpand(mm: AddressSpace, t: Task, pages: number, data: 'data' | 'other'): boolean {
  const { rlimits } = t.process;
  if ((mm.totalPages + pages) * PAGE_SIZE > rlimits[RLIMIT_AS]!.soft) return false;
  return data === 'other' || dataFits(mm, t, pages);
}

/** Does RLIMIT_DATA allow `pages` more private writable ones? */
export const dataFits = (mm: AddressSpace, t: Task, pages: number): boolean =>
  (mm.dataPages + pages) * PAGE_SIZE <= t.process.rlimits[RLIMIT_DATA]!.soft;

/** EAGAIN if `pages` more locked ones exceed RLIMIT_MEMLOCK (mmap of MAP_LOCKED; mlock maps it to ENOMEM). */
export function lockFits(mm: AddressSpace, t: Task, pages: number): 0 | Errno {
  if (t.cred.has(CAP_IPC_LOCK)) return 0;
  return (mm.lockedPages + pages) * PAGE_SIZE > t.process.rlimits[RLIMIT_MEMLOCK]!.soft ? EAGAIN : 0;
}

/** EPERM rule of mlock(2): a zero limit and no CAP_IPC_LOCK. */
export const mayLock = (t: Task): boolean => t.cred.has(CAP_IPC_LOCK) || t.process.rlimits[RLIMIT_MEMLOCK]!.soft > 0;

/** Adds (`sign` 1) or takes away (-1) the whole of `v`. Around every change of what a mapping is or covers. */
export function count(mm: AddressSpace, v: Vma, sign: 1 | -1): void {
  const pages = sign * v.sizePages;
  mm.totalPages += pages;
  if (mm.totalPages > mm.totalPeakPages) mm.totalPeakPages = mm.totalPages;
  if (v.growsDown) mm.stackPages += pages;
  else if (v.isData) mm.dataPages += pages;
  if ((v.prot & PROT_EXEC) !== 0) mm.execPages += pages;
  if ((v.vmFlags & VM_LOCKED) !== 0) {
    mm.lockedPages += pages;
    if (sign < 0) mm.frames.lru.mayRescue = true;
  }
  if ((v.vmFlags & VM_ACCOUNT) !== 0) {
    mm.committedPages += pages;
    mm.frames.committedPages += pages;
  }
}

/** ENOMEM unless `pages` more of the kind of `v` are within all limits. */
export function checkGrowth(mm: AddressSpace, t: Task, v: Vma, pages: number): 0 | Errno {
  if (!mayExpand(mm, t, pages, v.isData ? 'data' : 'other')) return ENOMEM;
  return (v.vmFlags & VM_ACCOUNT) !== 0 && !commitFits(mm, t, pages) ? ENOMEM : 0;
}
