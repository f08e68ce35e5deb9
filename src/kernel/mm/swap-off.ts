// swapoff(2): everything that lies in an area comes back into memory, page table by page table and file by file; then the area is gone.
import { type Errno, BLOCKED, ENOMEM, isErr } from '../../abi/errno.ts';
import { PTE_W } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { place } from './fault.ts';
import type { Frames } from './frames.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { isSwapped, swapSlot } from './page-table.ts';
import type { SwapArea } from './swap-area.ts';
import { readSlot } from './swap-in.ts';

/** Pages of user space: the lower half of Sv39. */
const ALL_PAGES = 2 ** 26;

/** 0: gone. ENOMEM: it does not fit into memory; what came back stays, and the area goes on. BLOCKED, EIO. */
export function stopSwap(t: Task, area: SwapArea): 0 | Errno {
  const { frames } = t.kernel;
  if (area.used > frames.freeCount + frames.reclaimer.reclaimable + frames.swap.free - (area.usable - area.used)) return ENOMEM;
  area.isLeaving = true;
  const r = emptyTables(frames, t, area) || emptyFiles(frames, t, area);
  if (r === BLOCKED) return r;
  if (isErr(r)) {
    area.isLeaving = false;
    return r;
  }
  frames.swap.remove(area);
  area.name.file?.put();
  return 0;
}

function emptyTables(frames: Frames, t: Task, area: SwapArea): 0 | Errno {
  for (const mm of [...frames.spaces.values()]) {
    for (let vpn = mm.swapPages > 0 ? mm.table.find(0, ALL_PAGES) : -1; vpn >= 0 && mm.swapPages > 0; vpn = mm.table.find(vpn + 1, ALL_PAGES)) {
      const pte = mm.table.read(vpn);
      if (!isSwapped(pte) || !area.holds(swapSlot(pte))) continue;
      const r = bringBack(frames, t, mm, vpn, swapSlot(pte));
      if (r !== 0) return r;
    }
  }
  dropCopies(frames, area);
  return 0;
}

function bringBack(frames: Frames, t: Task, mm: AddressSpace, vpn: number, slot: number): 0 | Errno {
  let pfn = frames.swap.frameOf(slot);
  if (pfn >= 0) frames.get(pfn);
  else pfn = readSlot(frames, t, slot);
  if (isErr(pfn)) return pfn;
  mm.swapPages--;
  place(mm, mm.table.walk(vpn), pfn, mm.list.find(vpn * PAGE_SIZE)!.pteFlags() & ~PTE_W);
  frames.swap.put(slot);
  return 0;
}

/** Pages in memory that are also in the area are in memory only from now on. */
function dropCopies(frames: Frames, area: SwapArea): void {
  for (let page = 1; page < area.pages; page++) if (area.frameOf(page) >= 0) frames.swap.unlink(area.frameOf(page));
}

function emptyFiles(frames: Frames, t: Task, area: SwapArea): 0 | Errno {
  for (const cache of frames.caches.byId.values()) {
    if (cache.swapped === 0) continue;
    for (const [index, slot] of cache.swappedPages()) {
      if (!area.holds(slot)) continue;
      const pfn = cache.getPage(t, index);
      if (isErr(pfn)) return pfn;
    }
  }
  return 0;
}
