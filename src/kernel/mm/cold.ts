// MADV_COLD and MADV_PAGEOUT (madvise(2)): pages that a program will not need soon count as unused, or leave memory at once.
// As on Linux only pages that nobody else maps: what others use is theirs to judge.
import { PAGE_SIZE, PTE_A } from '../../machine/machine.ts';
import type { AddressSpace } from './address-space.ts';
import { evict } from './evict.ts';
import { FRAME_REFERENCED } from './frame-kinds.ts';
import { vpnOf } from './layout.ts';
import { ACTIVE_ANON, ACTIVE_FILE, inactiveOf } from './lru.ts';
import { isPresent, ptePfn } from './page-table.ts';

/** What becomes of the pages of [start, end): the next to be reclaimed, or swapped out and dropped as far as they can be. */
export function cool(mm: AddressSpace, start: number, end: number, how: 'cold' | 'out'): void {
  const { table, frames } = mm;
  const last = vpnOf(end - 1) + 1;
  for (let vpn = table.find(vpnOf(start), last); vpn >= 0; vpn = table.find(vpn + 1, last)) {
    const at = table.walk(vpn);
    const pte = frames.ram.u32[at]!;
    const pfn = ptePfn(pte);
    if (!isPresent(pte) || pfn === frames.zeroPfn || frames.maps.count(pfn) !== 1) continue;
    frames.ram.u32[at] = pte & ~PTE_A;
    mm.hart.mmu.flushPage(mm.rootPfn, vpn * PAGE_SIZE);
    frames.flags[pfn]! &= ~FRAME_REFERENCED;
    const list = frames.lru.list[pfn];
    if (list === ACTIVE_ANON || list === ACTIVE_FILE) frames.lru.move(pfn, inactiveOf(list));
    if (how === 'out') evict(frames, pfn, 'unused');
  }
}
