// Faulting pages in ahead of use: MAP_POPULATE, mlock(2), MADV_POPULATE_* and MADV_WILLNEED.
import { type Errno, EFAULT, ENOMEM, isErr } from '../../abi/errno.ts';
import { PROT_EXEC, PROT_WRITE } from '../../abi/mman.ts';
import { ACCESS_EXEC, ACCESS_READ, ACCESS_WRITE, type Access, PAGE_SIZE, PTE_V, PTE_W } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { KIND_FILE } from './frame-kinds.ts';
import { vpnOf } from './layout.ts';
import type { Vma } from './vma.ts';

/** 'what is at hand' never parks: mmap has already happened and cannot run again. 'all' may answer BLOCKED and is then repeated. */
export type PopulateMode = 'what is at hand' | 'all';

/** Makes the pages of [start, end) present, writable ones ready for writing. ENOMEM, EFAULT (unreadable, past the end of a file), or BLOCKED. */
export function populate(mm: AddressSpace, t: Task, start: number, end: number, mode: PopulateMode, want: Access | null = null): 0 | Errno {
  let addr = start;
  while (addr < end) {
    const v = mm.list.find(addr);
    if (v === null) return ENOMEM;
    const stop = Math.min(end, v.end);
    const access = want ?? naturalAccess(v);
    for (; addr < stop; addr += PAGE_SIZE) {
      if (isHere(mm, addr, access) || (mode === 'what is at hand' && mustFetch(v, addr))) continue;
      const r = mm.fault(t, addr, access);
      if (isErr(r)) return r === EFAULT || mode === 'all' ? r : ENOMEM;
    }
  }
  return 0;
}

/** Private writable memory is populated by write faults (as Linux does), so that nothing is left to copy. */
function naturalAccess(v: Vma): Access {
  if ((v.prot & PROT_WRITE) !== 0 && !v.isShared) return ACCESS_WRITE;
  return v.prot === PROT_EXEC ? ACCESS_EXEC : ACCESS_READ;
}

function isHere(mm: AddressSpace, addr: number, access: Access): boolean {
  const pte = mm.table.read(vpnOf(addr));
  return (pte & PTE_V) !== 0 && (access !== ACCESS_WRITE || (pte & PTE_W) !== 0);
}

const mustFetch = (v: Vma, addr: number): boolean => v.uffd !== null || (v.pages !== null && v.pages.kind === KIND_FILE && v.pages.peek(v.indexOf(addr)) < 0);
