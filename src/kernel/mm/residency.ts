// Which pages of a mapping are in memory, of what kind and how shared: read from the page tables, for smaps.
import { PAGE_SHIFT, PAGE_SIZE, PTE_A, PTE_D } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from './address-space.ts';
import { FRAME_DIRTY, FRAME_REFERENCED, KIND_FILE, KIND_SHMEM } from './frame-kinds.ts';
import { isSwapped, ptePfn, swapSlot } from './page-table.ts';
import type { Vma } from './vma.ts';

/** Pages of one mapping, or of many. `pss`: each page counted as its share, 1 / (mappings + holders). */
export class Residency {
  rss = 0;
  pss = 0;
  pssDirty = 0;
  sharedClean = 0;
  sharedDirty = 0;
  privateClean = 0;
  privateDirty = 0;
  referenced = 0;
  anon = 0;
  file = 0;
  shmem = 0;
  locked = 0;
  swap = 0;
  swapPss = 0;

  add(other: Residency): void {
    for (const key of Object.keys(this) as (keyof Residency & string)[]) if (key !== 'add') this[key] += other[key] as number;
  }
}

/** Counts the pages of one mapping. */
export function residentIn(k: Kernel, mm: AddressSpace, vma: Vma): Residency {
  const { table } = mm;
  const sum = new Residency();
  const end = vma.end / 2 ** PAGE_SHIFT;
  for (let vpn = table.find(vma.start / 2 ** PAGE_SHIFT, end); vpn >= 0 && vpn < end; vpn = table.find(vpn + 1, end)) {
    countPage(k, sum, table.read(vpn));
  }
  return sum;
}

/** Pages of the program's own code (VmExe). */
export const codePages = (mm: AddressSpace): number => Math.ceil((mm.endCode - mm.startCode) / PAGE_SIZE);

function countPage(k: Kernel, sum: Residency, pte: number): void {
  const { frames } = k;
  if (isSwapped(pte)) {
    sum.swap++;
    sum.swapPss += 1 / Math.max(1, frames.swap.refsOf(swapSlot(pte)));
    return;
  }
  const pfn = ptePfn(pte);
  if (pfn === frames.zeroPfn) return;
  const kind = frames.kind[pfn];
  // The page cache holds one reference on its frames besides the mappings.
  const cached = kind === KIND_FILE || kind === KIND_SHMEM;
  const sharers = Math.max(1, (frames.refs[pfn] ?? 1) - (cached ? 1 : 0));
  const dirty = (pte & PTE_D) !== 0 || ((frames.flags[pfn] ?? 0) & FRAME_DIRTY) !== 0 || kind === KIND_SHMEM || !cached;
  sum.rss++;
  sum.pss += 1 / sharers;
  if (dirty) sum.pssDirty += 1 / sharers;
  if (sharers > 1) { if (dirty) sum.sharedDirty++; else sum.sharedClean++; }
  else if (dirty) sum.privateDirty++;
  else sum.privateClean++;
  if ((pte & PTE_A) !== 0) sum.referenced++;
  if (kind === KIND_FILE) sum.file++;
  else if (kind === KIND_SHMEM) sum.shmem++;
  else sum.anon++;
}

/** Pages of which mappings clearReferenced looks at. */
export type Which = 'all' | 'anonymous' | 'of files';

/** No page counts as used any more, until it is used again. */
export function clearReferenced(mm: AddressSpace, which: Which): void {
  const { table, frames } = mm;
  const { u32 } = frames.ram;
  for (let v = mm.list.first; v !== null; v = v.next) {
    if (which !== 'all' && (v.file === null) !== (which === 'anonymous')) continue;
    const end = v.end / PAGE_SIZE;
    for (let vpn = table.find(v.start / PAGE_SIZE, end); vpn >= 0; vpn = table.find(vpn + 1, end)) {
      const at = table.walk(vpn);
      if (isSwapped(u32[at]!)) continue;
      u32[at] = u32[at]! & ~PTE_A;
      frames.flags[ptePfn(u32[at]!)]! &= ~FRAME_REFERENCED;
    }
  }
  mm.hart.mmu.flushSpace(mm.rootPfn);
}
