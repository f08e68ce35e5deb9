// munmap(2), and the taking away of pages under it: what every way to lose a mapping ends in.
import { type Errno, EINVAL, ENOMEM, EPERM } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { count } from './account.ts';
import type { AddressSpace } from './address-space.ts';
import { TASK_SIZE, pageUp, vpnOf } from './layout.ts';
import { isSwapped, ptePfn, swapSlot } from './page-table.ts';
import { isSealed } from './seal.ts';
import { VM_LOCKED, type Vma } from './vma.ts';

export function unmapRange(mm: AddressSpace, _t: Task, start: number, length: number): 0 | Errno {
  if (start % PAGE_SIZE !== 0 || length <= 0 || start > TASK_SIZE || length > TASK_SIZE - start) return EINVAL;
  const end = start + pageUp(length);
  if (splitsTooMany(mm, start, end)) return ENOMEM;
  if (isSealed(mm, start, end)) return EPERM;
  removeMappings(mm, start, end);
  return 0;
}

/** Everything goes; the last step of an address space. */
export function unmapAll(mm: AddressSpace): void {
  for (const v of mm.list.clear()) drop(mm, v);
}

/** Takes whatever is mapped in [start, end) away. */
export function removeMappings(mm: AddressSpace, start: number, end: number): void {
  if (mm.list.isFree(start, end)) return;
  splitAt(mm, start);
  splitAt(mm, end);
  let v = mm.list.after(start);
  while (v !== null && v.start < end) {
    const { next } = v;
    mm.list.remove(v);
    drop(mm, v);
    v = next;
  }
  mm.list.freed(end);
}

/** Punching a hole in the middle of a mapping makes one more. */
export function splitsTooMany(mm: AddressSpace, start: number, end: number): boolean {
  if (mm.list.count < mm.frames.maxMapCount) return false;
  const v = mm.list.find(start);
  return v !== null && v.start < start && v.end > end;
}

/** Makes `addr` a border between mappings. */
export function splitAt(mm: AddressSpace, addr: number): void {
  const v = mm.list.find(addr);
  if (v === null || v.start === addr) return;
  const upper = v.slice(addr, v.end);
  v.end = addr;
  mm.list.insert(upper);
  upper.attach();
}

/** Joins neighbours around [start, end) that have become alike. */
export function mergeAround(mm: AddressSpace, start: number, end: number): void {
  const at = mm.list.after(start);
  let v = at === null ? null : at.prev ?? at;
  while (v !== null && v.start <= end) {
    const next: Vma | null = v.next;
    if (next === null || !v.canMerge(next)) {
      v = next;
      continue;
    }
    mm.list.remove(next);
    v.end = next.end;
    v.hasAnon ||= next.hasAnon;
    next.detach();
  }
}

/** Gives up the private pages of a process that will not run again (process_mrelease(2)). */
export function zapPrivate(mm: AddressSpace): void {
  for (let v = mm.list.first; v !== null; v = v.next) if (!v.isShared && (v.vmFlags & VM_LOCKED) === 0) zapPages(mm, v.start, v.end);
}

function drop(mm: AddressSpace, v: Vma): void {
  zapPages(mm, v.start, v.end);
  count(mm, v, -1);
  if (v.uffd !== null && mm.users > 0) v.uffd.unmapped(v.start, v.end);
  v.detach();
}

/** Takes the pages of [start, end) out of the page table and gives up their frames; the mappings stay. */
export function zapPages(mm: AddressSpace, start: number, end: number): void {
  const { table, frames, rss } = mm;
  const { u32 } = frames.ram;
  const last = vpnOf(end);
  const first = table.find(vpnOf(start), last);
  let vpn = first;
  while (vpn >= 0) {
    const stop = Math.min(last, ((vpn >>> 9) + 1) << 9);
    const tableVpn = vpn;
    for (let at = table.walk(vpn); vpn < stop; vpn++, at += 2) {
      const pte = u32[at]!;
      if (pte === 0) continue;
      table.set(at, 0);
      if (isSwapped(pte)) {
        mm.swapPages--;
        frames.swap.put(swapSlot(pte));
        continue;
      }
      const pfn = ptePfn(pte);
      if (pfn === frames.zeroPfn) continue;
      frames.maps.remove(pfn, at);
      rss[frames.kind[pfn]!]!--;
      frames.put(pfn);
    }
    table.prune(tableVpn);
    vpn = table.find(vpn, last);
  }
  if (first >= 0) mm.hart.mmu.flushRange(mm.rootPfn, first * PAGE_SIZE, end);
  mm.forgetWriteProtection(start, end);
}
