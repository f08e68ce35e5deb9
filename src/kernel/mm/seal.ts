// mseal(2): mappings that can no longer be unmapped, moved, resized, replaced, protected otherwise or, where they are read-only, discarded.
import { type Errno, EINVAL, ENOMEM } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { AddressSpace } from './address-space.ts';
import { changeFlags, eachMapping } from './advise.ts';
import { TASK_SIZE, pageUp } from './layout.ts';
import { VM_SEALED } from './vma.ts';

/** Nothing is sealed unless all of the range is mapped. */
export function sealRange(mm: AddressSpace, start: number, length: number, flags: number): 0 | Errno {
  if (flags !== 0 || start % PAGE_SIZE !== 0) return EINVAL;
  const end = start + pageUp(length);
  if (end >= 2 ** 64) return EINVAL;
  if (end === start) return 0;
  if (end > TASK_SIZE || eachMapping(mm, start, end, () => 0) !== 0) return ENOMEM;
  mm.hasSeals = true;
  return eachMapping(mm, start, end, (v, from, to) => changeFlags(mm, v, from, to, VM_SEALED, 0));
}

/** Is any mapping in [start, end) sealed? */
export function isSealed(mm: AddressSpace, start: number, end: number): boolean {
  if (!mm.hasSeals) return false;
  for (let v = mm.list.after(start); v !== null && v.start < end; v = v.next) if ((v.vmFlags & VM_SEALED) !== 0) return true;
  return false;
}
