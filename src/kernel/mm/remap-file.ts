// remap_file_pages(2): since Linux 4.0 an ordinary mapping of the other pages in place of the old one.
import { type Errno, EINVAL, isErr } from '../../abi/errno.ts';
import { MAP_FIXED, MAP_LOCKED, MAP_NONBLOCK, MAP_POPULATE, MAP_SHARED } from '../../abi/mman.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { pageDown, TASK_SIZE } from './layout.ts';
import { VM_LOCKED, type Vma } from './vma.ts';

export function remapFilePages(mm: AddressSpace, t: Task, addr: number, size: number, prot: number, page: number, flags: number): 0 | Errno {
  const start = pageDown(addr), length = pageDown(size);
  if (prot !== 0 || length === 0 || start + length > TASK_SIZE || page > 2 ** 51) return EINVAL;
  const v = mm.list.find(start);
  if (v === null || !v.isShared || v.file === null || !isOneRun(v, start + length)) return EINVAL;
  const file = v.file.get();      // the old mapping may have held the last reference
  const how = MAP_SHARED | MAP_FIXED | MAP_POPULATE | (flags & MAP_NONBLOCK) | ((v.vmFlags & VM_LOCKED) !== 0 ? MAP_LOCKED : 0);
  const r = mm.map(t, { addr: start, length, prot: v.prot, flags: how, file, offset: page * PAGE_SIZE });
  file.put();
  return isErr(r) ? r : 0;
}

/** From `v` on to `end`: neighbours of the same file and rights, as mprotect may have left them. */
function isOneRun(v: Vma, end: number): boolean {
  let w = v;
  while (w.end < end) {
    const { next } = w;
    if (next === null || next.start !== w.end || next.file !== v.file || next.prot !== v.prot || next.flags !== v.flags) return false;
    w = next;
  }
  return true;
}
