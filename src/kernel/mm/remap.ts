// mremap(2): a mapping grows, shrinks or moves; its pages move with it, by moving table entries.
import { type Errno, EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, isErr } from '../../abi/errno.ts';
import { MAP_FIXED, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from '../../abi/mman.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { checkGrowth, count, lockFits } from './account.ts';
import type { AddressSpace } from './address-space.ts';
import { STACK_GUARD, TASK_SIZE, pageUp, vpnOf } from './layout.ts';
import { choosePlace } from './map.ts';
import { isPresent, ptePfn } from './page-table.ts';
import { populate } from './populate.ts';
import { isSealed } from './seal.ts';
import { mergeAround, removeMappings } from './unmap.ts';
import { VM_LOCKED, VM_LOCKONFAULT, VM_SEALED, VM_UFFD, type Vma } from './vma.ts';

export interface RemapRequest { addr: number; oldLength: number; newLength: number; flags: number; newAddr: number }

export function remapRegion(mm: AddressSpace, t: Task, q: RemapRequest): number | Errno {
  const { addr, flags } = q;
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) return EINVAL;
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0 && (flags & MREMAP_MAYMOVE) === 0) return EINVAL;
  if ((flags & MREMAP_DONTUNMAP) !== 0 && q.oldLength !== q.newLength) return EINVAL;
  if (addr % PAGE_SIZE !== 0) return EINVAL;
  const oldLength = pageUp(q.oldLength), newLength = pageUp(q.newLength);
  if (newLength === 0 || newLength > TASK_SIZE) return EINVAL;
  const v = mm.list.find(addr);
  if (v === null) return EFAULT;
  if ((v.vmFlags & VM_SEALED) !== 0) return EPERM;

  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) return remapTo(mm, t, v, q, oldLength, newLength);
  if (oldLength >= newLength && oldLength > 0) {
    if (isSealed(mm, addr + newLength, addr + oldLength)) return EPERM;
    if (oldLength > newLength) removeMappings(mm, addr + newLength, addr + oldLength);
    return addr;
  }
  const checked = checkOld(mm, t, v, addr, oldLength, newLength);
  if (checked !== 0) return checked;
  if (growsInPlace(mm, v, addr, oldLength, newLength)) return grow(mm, t, v, addr, oldLength, newLength);
  if ((flags & MREMAP_MAYMOVE) === 0) return ENOMEM;
  const to = choosePlace(mm, t, 0, newLength, 0);
  return isErr(to) ? to : move(mm, t, v, { addr, oldLength, newLength, to, keep: false });
}

/** MREMAP_FIXED and MREMAP_DONTUNMAP: to a new place in any case. */
function remapTo(mm: AddressSpace, t: Task, v: Vma, q: RemapRequest, oldLength: number, newLength: number): number | Errno {
  const isFixed = (q.flags & MREMAP_FIXED) !== 0;
  if (isFixed) {
    if (q.newAddr % PAGE_SIZE !== 0 || newLength > TASK_SIZE || q.newAddr > TASK_SIZE - newLength) return EINVAL;
    if (q.addr + oldLength > q.newAddr && q.newAddr + newLength > q.addr) return EINVAL;
  }
  if (mm.list.count + 2 >= mm.frames.maxMapCount - 3) return ENOMEM;
  // The checks of the old range come before anything at the new one is lost.
  const checked = checkOld(mm, t, v, q.addr, Math.min(oldLength, newLength), newLength);
  if (checked !== 0) return checked;
  const to = choosePlace(mm, t, q.newAddr, newLength, isFixed ? MAP_FIXED : 0);
  if (isErr(to)) return to;
  if (isSealed(mm, q.addr, q.addr + oldLength) || (isFixed && isSealed(mm, to, to + newLength))) return EPERM;
  if (isFixed) removeMappings(mm, to, to + newLength);
  if (oldLength > newLength) removeMappings(mm, q.addr + newLength, q.addr + oldLength);
  const keep = (q.flags & MREMAP_DONTUNMAP) !== 0;
  const source = mm.list.find(q.addr);
  return source === null ? EFAULT : move(mm, t, source, { addr: q.addr, oldLength: Math.min(oldLength, newLength), newLength, to, keep });
}

/** Linux: vma_to_resize. */
function checkOld(mm: AddressSpace, t: Task, v: Vma, addr: number, oldLength: number, newLength: number): 0 | Errno {
  if (oldLength === 0 && !v.isShared) return EINVAL;       // only shared mappings can be duplicated
  if (oldLength > v.end - addr) return EFAULT;
  if (newLength > TASK_SIZE) return ENOMEM;
  const more = Math.max(0, newLength - oldLength) / PAGE_SIZE;
  if ((v.vmFlags & VM_LOCKED) !== 0 && isErr(lockFits(mm, t, more))) return EAGAIN;
  return checkGrowth(mm, t, v, more);
}

function growsInPlace(mm: AddressSpace, v: Vma, addr: number, oldLength: number, newLength: number): boolean {
  if (oldLength === 0 || addr + oldLength !== v.end || addr + newLength > TASK_SIZE) return false;
  const next = mm.list.after(v.end);
  return next === null || addr + newLength <= (next.growsDown ? next.start - STACK_GUARD : next.start);
}

function grow(mm: AddressSpace, t: Task, v: Vma, addr: number, oldLength: number, newLength: number): number {
  count(mm, v, -1);
  v.end = addr + newLength;
  count(mm, v, 1);
  const isLocked = (v.vmFlags & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED;
  mergeAround(mm, addr, addr + newLength);
  if (isLocked) populate(mm, t, addr + oldLength, addr + newLength, 'what is at hand');
  return addr;
}

interface Move { addr: number; oldLength: number; newLength: number; to: number; keep: boolean }

/** A copy of the mapping at `to` takes the pages over; the old one goes unless it is to be kept (empty) or was only duplicated. */
function move(mm: AddressSpace, t: Task, v: Vma, m: Move): number | Errno {
  if (mm.list.count + 3 > mm.frames.maxMapCount) return ENOMEM;
  if (!moveTables(mm, m.addr, m.to, m.oldLength)) return ENOMEM;
  const w = v.slice(m.addr, m.addr + m.newLength);
  w.start = m.to;
  w.end = m.to + m.newLength;
  if (w.uffd !== null) carryOver(mm, w, m);
  mm.list.insert(w);
  w.attach();
  count(mm, w, 1);
  if (m.keep) keepEmpty(mm, v);
  else if (m.oldLength > 0) removeMappings(mm, m.addr, m.addr + m.oldLength);
  mergeAround(mm, w.start, w.end);
  if ((w.vmFlags & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED) populate(mm, t, m.to, m.to + m.newLength, 'what is at hand');
  return m.to;
}

/** A watched mapping tells where it goes, or is left alone from now on. */
function carryOver(mm: AddressSpace, w: Vma, m: Move): void {
  if (w.uffd!.moved(m.addr, m.to, m.oldLength) === 'watched') {
    mm.forgetWriteProtection(m.addr, m.addr + m.oldLength, vpnOf(m.to) - vpnOf(m.addr));
  } else {
    mm.forgetWriteProtection(m.addr, m.addr + m.oldLength);
    w.uffd = null;
    w.vmFlags &= ~VM_UFFD;
  }
}

/** MREMAP_DONTUNMAP: what stays behind is not locked. */
function keepEmpty(mm: AddressSpace, v: Vma): void {
  if ((v.vmFlags & VM_LOCKED) === 0) return;
  count(mm, v, -1);
  v.vmFlags &= ~(VM_LOCKED | VM_LOCKONFAULT);
  count(mm, v, 1);
}

/** Moves the present entries of `length` bytes; false, with everything as before, if there is no memory for tables. */
function moveTables(mm: AddressSpace, from: number, to: number, length: number): boolean {
  const { table } = mm;
  const first = vpnOf(from), last = vpnOf(from + length), shift = vpnOf(to) - first;
  for (let vpn = table.find(first, last); vpn >= 0; vpn = table.find(vpn + 1, last)) {
    const target = table.ensure(vpn + shift);
    if (target < 0) {
      moveBack(mm, first, vpn, shift);
      return false;
    }
    moveEntry(mm, table.walk(vpn), target);
    table.prune(vpn);
  }
  mm.hart.mmu.flushRange(mm.rootPfn, from, from + length);
  return true;
}

/** The tables of the old place may be gone: they are made again from the ones that the new place gives up. */
function moveBack(mm: AddressSpace, first: number, end: number, shift: number): void {
  const { table } = mm;
  for (let vpn = table.find(first + shift, end + shift); vpn >= 0; vpn = table.find(vpn + 1, end + shift)) {
    const source = table.walk(vpn);
    const pte = mm.frames.ram.u32[source]!;
    const isMapped = isPresent(pte) && ptePfn(pte) !== mm.frames.zeroPfn;
    if (isMapped) mm.frames.maps.remove(ptePfn(pte), source);
    table.set(source, 0);
    table.prune(vpn);
    const target = table.ensure(vpn - shift);
    table.set(target, pte);
    if (isMapped) mm.frames.maps.add(ptePfn(pte), target);
  }
}

function moveEntry(mm: AddressSpace, from: number, to: number): void {
  const { frames, table } = mm;
  const pte = frames.ram.u32[from]!;
  table.set(to, pte);
  table.set(from, 0);
  if (isPresent(pte) && ptePfn(pte) !== frames.zeroPfn) frames.maps.move(ptePfn(pte), from, to);
}
