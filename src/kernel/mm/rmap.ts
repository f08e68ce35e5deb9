// Reverse mapping: what truncation, write-back and reclaim do to the pages of one file in one mapping (PageCache.mappings leads here).
import { PAGE_SIZE, PTE_A, PTE_W, PTE_X } from '../../machine/machine.ts';
import type { AddressSpace } from './address-space.ts';
import { KIND_ANON } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { vpnOf } from './layout.ts';
import { isPresent, isSwapped, PageTable, ptePfn } from './page-table.ts';
import { zapPages } from './unmap.ts';
import { VM_LOCKED, type Vma } from './vma.ts';

/** Bits of what `look` answers, beside the number of mappings through which the page was used. */
export const LOOK_LOCKED = 1 << 30, LOOK_EXEC = 1 << 29;

/** Pages [first, end) of the file leave the page table; a truncation takes private copies along, a hole or reclaim leaves them. */
export function zapCached(mm: AddressSpace, v: Vma, first: number, end: number, which: 'cached pages only' | 'with private copies'): void {
  const start = Math.max(v.start, v.start + first * PAGE_SIZE - v.offset);
  const stop = Math.min(v.end, v.start + end * PAGE_SIZE - v.offset);
  if (start >= stop) return;
  if (which === 'with private copies' || !v.hasAnon) {
    zapPages(mm, start, stop);
    return;
  }
  const last = vpnOf(stop);
  for (let vpn = mm.table.find(vpnOf(start), last); vpn >= 0; vpn = mm.table.find(vpn + 1, last)) {
    const pte = mm.table.read(vpn);
    if (!isSwapped(pte) && mm.frames.kind[ptePfn(pte)] !== KIND_ANON) zapPages(mm, vpn * PAGE_SIZE, (vpn + 1) * PAGE_SIZE);
  }
}

/** The next store to page `index` faults, so that it is seen. */
export function protectPage(mm: AddressSpace, v: Vma, index: number): void {
  if (!v.isShared) return;
  const at = entryOf(mm, v, index);
  if (at < 0) return;
  const { u32 } = mm.frames.ram;
  if ((u32[at]! & PTE_W) === 0) return;
  u32[at] = u32[at]! & ~PTE_W;
  mm.hart.mmu.flushPage(mm.rootPfn, v.start + index * PAGE_SIZE - v.offset);
}

/** Through how many mappings was the frame used since the last look? Their accessed bits are cleared, and the TLBs forget the pages. */
export function look(frames: Frames, pfn: number): number {
  const { maps } = frames;
  const { u32 } = frames.ram;
  let seen = 0;
  for (let c = maps.first(pfn); c !== 0; c = maps.following(c)) {
    const at = maps.position(c);
    const pte = u32[at]!;
    const mm = frames.spaces.get(PageTable.rootAt(frames, at))!;
    const addr = PageTable.pageAt(frames, at) * PAGE_SIZE;
    if (mm.lockedPages > 0 && (mm.list.find(addr)!.vmFlags & VM_LOCKED) !== 0) seen |= LOOK_LOCKED;
    if ((pte & PTE_X) !== 0) seen |= LOOK_EXEC;
    if ((pte & PTE_A) === 0) continue;
    seen++;
    u32[at] = pte & ~PTE_A;
    mm.hart.mmu.flushPage(mm.rootPfn, addr);
  }
  return seen;
}

/** No mapping allows stores to the frame any more. */
export function protectEverywhere(frames: Frames, pfn: number): void {
  const { maps } = frames;
  const { u32 } = frames.ram;
  for (let c = maps.first(pfn); c !== 0; c = maps.following(c)) {
    const at = maps.position(c);
    if ((u32[at]! & PTE_W) === 0) continue;
    u32[at] = u32[at]! & ~PTE_W;
    const mm = frames.spaces.get(PageTable.rootAt(frames, at))!;
    mm.hart.mmu.flushPage(mm.rootPfn, PageTable.pageAt(frames, at) * PAGE_SIZE);
  }
}

/** Position of the present entry that maps page `index` of the file, or -1. */
function entryOf(mm: AddressSpace, v: Vma, index: number): number {
  const addr = v.start + index * PAGE_SIZE - v.offset;
  if (addr < v.start || addr >= v.end) return -1;
  const at = mm.table.walk(vpnOf(addr));
  return at >= 0 && isPresent(mm.frames.ram.u32[at]!) ? at : -1;
}
