// How much memory may be promised: vm.overcommit_memory, _ratio and _kbytes (proc_sys_vm(5), "overcommit_memory"), CommitLimit and Committed_AS.
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { OVERCOMMIT_ALWAYS, OVERCOMMIT_GUESS, OVERCOMMIT_NEVER } from '../../abi/mman.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';

/** KiB in a page. */
const KB = 4;

export class Overcommit {
  mode = OVERCOMMIT_GUESS;
  /** Percentage of RAM that counts, unless `kbytes` is set. */
  ratio = 50;
  kbytes = 0;
  /** What strict accounting keeps for processes of the administrator, and for one more process of a user. */
  adminReserveKb: number;
  userReserveKb: number;

  constructor(totalPages: number) {
    this.adminReserveKb = Math.min(8192, Math.floor(totalPages * KB / 32));
    this.userReserveKb = Math.min(131_072, Math.floor(totalPages * KB / 32));
  }

  /** CommitLimit in pages. */
  limit(totalPages: number, swapPages: number): number {
    return (this.kbytes !== 0 ? Math.floor(this.kbytes / KB) : Math.floor(totalPages * this.ratio / 100)) + swapPages;
  }
}

/** May `pages` more be promised to `mm`? Mode 0 refuses only what can never be had at once; 1 nothing; 2 what exceeds the limit. */
export function commitFits(mm: AddressSpace, t: Task, pages: number): boolean {
  const { frames } = mm;
  const { overcommit } = frames;
  if (overcommit.mode === OVERCOMMIT_ALWAYS) return true;
  if (overcommit.mode !== OVERCOMMIT_NEVER) return pages <= frames.total + frames.swap.total;
  let allowed = overcommit.limit(frames.total, frames.swap.total);
  if (!t.cred.has(CAP_SYS_ADMIN)) allowed -= Math.floor(overcommit.adminReserveKb / KB);
  allowed -= Math.min(Math.floor(mm.totalPages / 32), Math.floor(overcommit.userReserveKb / KB));
  return frames.committedPages + pages < allowed;
}

/** MAP_NORESERVE means nothing under strict accounting (mmap(2)). */
export const honoursNoReserve = (mm: AddressSpace): boolean => mm.frames.overcommit.mode !== OVERCOMMIT_NEVER;
