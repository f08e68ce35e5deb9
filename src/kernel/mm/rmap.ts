// Reverse mapping: what truncation, write-back and reclaim do to the pages of one file in one mapping (PageCache.mappings leads here).
import { PAGE_SIZE, PTE_A, PTE_W } from '../../machine/machine.ts';
import type { AddressSpace } from './address-space.ts';
import { KIND_ANON } from './frame-kinds.ts';
import { vpnOf } from './layout.ts';
import { ptePfn } from './page-table.ts';
import { zapPages } from './unmap.ts';
import type { Vma } from './vma.ts';

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
    if (mm.frames.kind[ptePfn(mm.table.read(vpn))] !== KIND_ANON) zapPages(mm, vpn * PAGE_SIZE, (vpn + 1) * PAGE_SIZE);
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

/** Was page `index` used through this mapping since the last question? */
export function accessedBit(mm: AddressSpace, v: Vma, index: number): boolean {
  const at = entryOf(mm, v, index);
  if (at < 0) return false;
  const { u32 } = mm.frames.ram;
  if ((u32[at]! & PTE_A) === 0 || mm.frames.kind[ptePfn(u32[at]!)] === KIND_ANON) return false;
  u32[at] = u32[at]! & ~PTE_A;
  mm.hart.mmu.flushPage(mm.rootPfn, v.start + index * PAGE_SIZE - v.offset);
  return true;
}

/** Position of the present entry that maps page `index` of the file, or -1. */
function entryOf(mm: AddressSpace, v: Vma, index: number): number {
  const addr = v.start + index * PAGE_SIZE - v.offset;
  if (addr < v.start || addr >= v.end) return -1;
  const at = mm.table.walk(vpnOf(addr));
  return at >= 0 && mm.frames.ram.u32[at] !== 0 ? at : -1;
}
