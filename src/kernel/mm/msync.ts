// msync(2) and mincore(2): mappings and what is behind them.
import { type Errno, EBUSY, EINVAL, ENOMEM, isErr } from '../../abi/errno.ts';
import { MS_ASYNC, MS_INVALIDATE, MS_SYNC } from '../../abi/mman.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { eachMapping, mayKnowPages } from './advise.ts';
import { pageUp, vpnOf } from './layout.ts';
import { isPresent } from './page-table.ts';
import { VM_LOCKED } from './vma.ts';

export function syncRange(mm: AddressSpace, t: Task, start: number, length: number, flags: number): 0 | Errno {
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0 || start % PAGE_SIZE !== 0) return EINVAL;
  if ((flags & (MS_ASYNC | MS_SYNC)) === (MS_ASYNC | MS_SYNC)) return EINVAL;
  const end = start + pageUp(length);
  if (end > 2 ** 64) return ENOMEM;
  if (end === start) return 0;
  return eachMapping(mm, start, end, v => {
    if ((flags & MS_INVALIDATE) !== 0 && (v.vmFlags & VM_LOCKED) !== 0) return EBUSY;
    if ((flags & MS_SYNC) === 0 || v.file === null || !v.isShared) return 0;
    const r = v.pages === null ? 0 : v.pages.sync(t);
    return isErr(r) ? r : v.file.fsync(t, 'data');
  });
}

/** One byte a page, bit 0 = resident, for `pages` pages from `start` on; ENOMEM if part of the range is not mapped. Of files that are not theirs, people hear that all is. */
export function residency(mm: AddressSpace, t: Task, start: number, pages: number): Uint8Array | Errno {
  const out = new Uint8Array(pages);
  for (let i = 0; i < pages; i++) {
    const addr = start + i * PAGE_SIZE;
    const v = mm.list.find(addr);
    if (v === null) return ENOMEM;
    const isHere = isPresent(mm.table.read(vpnOf(addr))) || (v.pages !== null && v.pages.peek(v.indexOf(addr)) >= 0);
    out[i] = isHere || !mayKnowPages(t, v) ? 1 : 0;
  }
  return out;
}
