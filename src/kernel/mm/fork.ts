// fork(2): the child gets the same mappings; private pages are shared and write-protected on both sides until one of them writes.
// Cost: mappings, plus pages that were written since they were mapped. File pages and shared memory are found again by faults.
import { type Errno, ENOMEM } from '../../abi/errno.ts';
import { PTE_W } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { count } from './account.ts';
import { commitFits } from './overcommit.ts';
import type { AddressSpace } from './address-space.ts';
import { KIND_ANON } from './frame-kinds.ts';
import { vpnOf } from './layout.ts';
import { isSwapped, ptePfn, swapSlot } from './page-table.ts';
import { VM_ACCOUNT, VM_DONTFORK, VM_LOCKED, VM_LOCKONFAULT, VM_UFFD, VM_UFFD_WP, VM_WIPEONFORK, type Vma } from './vma.ts';

/** Fills `to`, an empty space. ENOMEM: the caller throws it away. */
export function copyMappings(from: AddressSpace, to: AddressSpace, t: Task): 0 | Errno {
  let r: 0 | Errno = 0;
  for (let v = from.list.first; v !== null; v = v.next) {
    if ((v.vmFlags & VM_DONTFORK) !== 0) continue;
    if ((v.vmFlags & VM_ACCOUNT) !== 0 && !commitFits(to, t, v.sizePages)) {
      r = ENOMEM;
      break;
    }
    const w = v.slice(v.start, v.end, to);
    w.vmFlags &= ~(VM_LOCKED | VM_LOCKONFAULT);
    if (w.uffd !== null) watchChild(from, w, t);
    to.list.insert(w);
    w.attach();
    count(to, w, 1);
    if ((v.vmFlags & VM_WIPEONFORK) !== 0) w.hasAnon = false;
    else if (v.hasAnon && !copyPages(from, to, v)) {
      r = ENOMEM;
      break;
    }
  }
  from.hart.mmu.flushSpace(from.rootPfn);
  to.rssPeakPages = to.rssPages;
  return r;
}

/** The child's copy is watched by a descriptor of its own, if that was asked for. */
function watchChild(from: AddressSpace, w: Vma, t: Task): void {
  w.uffd = w.uffd!.forChild(t, w.mm);
  if (w.uffd === null) w.vmFlags &= ~VM_UFFD;
  else if ((w.vmFlags & VM_UFFD_WP) !== 0) {
    for (let vpn = vpnOf(w.start); vpn < vpnOf(w.end - 1) + 1; vpn++) if (from.isWriteProtected(vpn)) w.mm.markWriteProtected(vpn);
  }
}

/** Table by table; false if there is no memory for the child's tables. */
function copyPages(from: AddressSpace, to: AddressSpace, v: Vma): boolean {
  const { frames, table } = from;
  const { u32 } = frames.ram;
  const { kind, refs, maps, zeroPfn } = frames;
  const last = vpnOf(v.end - 1) + 1;
  let copied = 0;
  for (let vpn = table.find(vpnOf(v.start), last); vpn >= 0; vpn = table.find(vpn, last)) {
    const stop = Math.min(last, ((vpn >>> 9) + 1) << 9);
    const first = vpn;
    const target = to.table.ensure(vpn);
    if (target < 0) return false;
    for (let at = table.walk(vpn); vpn < stop; vpn++, at += 2) {
      const pte = u32[at]!;
      if (pte === 0) continue;
      const place = target + (vpn - first) * 2;
      if (isSwapped(pte)) {
        frames.swap.get(swapSlot(pte));
        to.swapPages++;
        to.table.set(place, pte);
        continue;
      }
      const pfn = ptePfn(pte);
      if (pfn === zeroPfn || kind[pfn] !== KIND_ANON) continue;
      u32[at] = pte & ~PTE_W;
      refs[pfn]!++;
      maps.add(pfn, place);
      to.table.set(place, pte & ~PTE_W);
      copied++;
    }
    to.table.prune(first);
  }
  to.rss[KIND_ANON]! += copied;
  return true;
}

