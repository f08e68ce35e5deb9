// A page fault on a page that was swapped out. The slot is kept as long as the page is clean, so that taking it out again costs no write; processes
// that share a slot since fork share the frame, too, until one of them writes.
import { type Errno, BLOCKED, EFAULT, ENOMEM, ERESTARTSYS, isErr } from '../../abi/errno.ts';
import { BUS_ADRERR, SIGBUS } from '../../abi/signal.ts';
import { ACCESS_WRITE, type Access, PTE_W } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { countMajor, place, writeFault } from './fault.ts';
import { KIND_ANON } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { swapSlot } from './page-table.ts';
import type { Vma } from './vma.ts';

/** Brings the page of the swap entry at `vpn` in, and maps it. */
export function swapIn(mm: AddressSpace, t: Task, v: Vma, vpn: number, access: Access): 0 | Errno {
  const { frames, table } = mm;
  const slot = swapSlot(table.read(vpn));
  let pfn = frames.swap.frameOf(slot);
  if (pfn >= 0) {
    frames.get(pfn);
    t.minFaults++;
  } else {
    pfn = readSlot(frames, t, slot);
    if (isErr(pfn)) return pfn === BLOCKED || pfn === ENOMEM || pfn <= ERESTARTSYS ? pfn : busError(mm, vpn);
    countMajor(mm, t);
  }
  const at = table.walk(vpn);
  mm.swapPages--;
  place(mm, at, pfn, v.pteFlags() & ~PTE_W);
  frames.swap.put(slot);
  if (frames.swap.isFull && frames.refs[pfn] === 1) frames.swap.unlink(pfn);
  return access === ACCESS_WRITE ? writeFault(mm, t, v, vpn, table.read(vpn)) : 0;
}

/** A frame with the slot's contents, which are also still in the slot. */
export function readSlot(frames: Frames, t: Task, slot: number): number | Errno {
  const pfn = frames.allocRaw(KIND_ANON);
  if (pfn < 0) return ENOMEM;
  const r = frames.swap.read(t, slot, pfn);
  if (r !== 0) {
    frames.put(pfn);
    return r;
  }
  frames.swap.link(slot, pfn);
  frames.reclaimer.swappedIn(slot, pfn);
  return pfn;
}

/** The store has lost the page. */
function busError(mm: AddressSpace, vpn: number): Errno {
  Object.assign(mm.lastFault, { signo: SIGBUS, code: BUS_ADRERR, addr: vpn * PAGE_SIZE });
  return EFAULT;
}
