// brk(2): the end of the heap. The heap is one private anonymous mapping named [heap] above the program's data.
import { isErr } from '../../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { RLIMIT_DATA } from '../../abi/resource.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { checkGrowth, count, lockFits } from './account.ts';
import type { AddressSpace } from './address-space.ts';
import { STACK_GUARD, TASK_SIZE, pageUp } from './layout.ts';
import { populate } from './populate.ts';
import { isSealed } from './seal.ts';
import { mergeAround, removeMappings } from './unmap.ts';
import { VM_ACCOUNT, VM_LOCKED, VM_LOCKONFAULT, Vma } from './vma.ts';

export function setBrk(mm: AddressSpace, t: Task, brk: number): number {
  if (brk < mm.startBrk || brk >= TASK_SIZE) return mm.brk;
  if (brk - mm.startBrk + mm.endData - mm.startData > t.process.rlimits[RLIMIT_DATA]!.soft) return mm.brk;
  const oldEnd = pageUp(mm.brk), newEnd = pageUp(brk);
  if (newEnd < oldEnd && isSealed(mm, newEnd, oldEnd)) return mm.brk;
  if (newEnd < oldEnd) removeMappings(mm, newEnd, oldEnd);
  else if (newEnd > oldEnd && !growHeap(mm, t, oldEnd, newEnd)) return mm.brk;
  mm.brk = brk;
  return brk;
}

function growHeap(mm: AddressSpace, t: Task, start: number, end: number): boolean {
  const next = mm.list.after(start);
  // One page stays free above the heap.
  if (next !== null && end + PAGE_SIZE > (next.growsDown ? next.start - STACK_GUARD : next.start)) return false;
  if (mm.list.count > mm.frames.maxMapCount) return false;
  const v = new Vma(mm, start, end, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  v.vmFlags = VM_ACCOUNT | mm.defaultVmFlags;
  v.name = '[heap]';
  if (isErr(checkGrowth(mm, t, v, v.sizePages))) return false;
  if ((v.vmFlags & VM_LOCKED) !== 0 && isErr(lockFits(mm, t, v.sizePages))) return false;
  mm.list.insert(v);
  count(mm, v, 1);
  mergeAround(mm, start, end);
  if ((v.vmFlags & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED) populate(mm, t, start, end, 'what is at hand');
  return true;
}
