// mprotect(2): other rights for the pages of a range, mapping by mapping.
import { type Errno, EACCES, EINVAL, ENOMEM, EPERM, isErr } from '../../abi/errno.ts';
import { PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE } from '../../abi/mman.ts';
import { PAGE_SIZE, PTE_W } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { count, dataFits } from './account.ts';
import type { AddressSpace } from './address-space.ts';
import { TASK_SIZE, pageUp, vpnOf } from './layout.ts';
import { refusesExec } from './mdwe.ts';
import { commitFits } from './overcommit.ts';
import { PTE_USED, isPresent, makePte, ptePfn } from './page-table.ts';
import { mergeAround, splitAt } from './unmap.ts';
import { VM_ACCOUNT, VM_NORESERVE, VM_SEALED, type Vma } from './vma.ts';

const GROWS = PROT_GROWSDOWN | PROT_GROWSUP;

export function protectRange(mm: AddressSpace, t: Task, addr: number, length: number, given: number): 0 | Errno {
  const grows = given & GROWS;
  if (grows === GROWS || addr % PAGE_SIZE !== 0) return EINVAL;
  if (length === 0) return 0;
  const end = addr + pageUp(length);
  if (end > TASK_SIZE) return ENOMEM;
  if ((given & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | GROWS)) !== 0) return EINVAL;

  let v = mm.list.after(addr);
  if (v === null) return ENOMEM;
  let start = addr;
  if (grows === PROT_GROWSUP) return EINVAL;
  if (grows === PROT_GROWSDOWN) {
    if (v.start >= end) return ENOMEM;
    if (!v.growsDown) return EINVAL;
    ({ start } = v);
  } else if (v.start > start) return ENOMEM;

  return protectEach(mm, t, start, end, given & (PROT_READ | PROT_WRITE | PROT_EXEC));
}

/** Up to the first obstacle, which is reported; what came before stays changed, as POSIX allows. */
function protectEach(mm: AddressSpace, t: Task, start: number, end: number, prot: number): 0 | Errno {
  let at = start;
  let r: 0 | Errno = 0;
  while (at < end) {
    const v = mm.list.find(at);
    if (v === null) { r = ENOMEM; break; }
    const stop = Math.min(end, v.end);
    r = protectOne(mm, t, v, at, stop, prot);
    if (isErr(r)) break;
    at = stop;
  }
  mergeAround(mm, start, end);
  return r;
}

function protectOne(mm: AddressSpace, t: Task, v: Vma, start: number, end: number, prot: number): 0 | Errno {
  if ((prot & ~v.maxProt) !== 0) return EACCES;
  if (refusesExec(mm, v.prot, prot)) return EACCES;
  if ((v.vmFlags & VM_SEALED) !== 0) return EPERM;
  const denied = t.kernel.security.mprotect(t, v, prot);
  if (denied !== 0) return denied;
  if (v.prot === prot) return 0;
  const pages = (end - start) / PAGE_SIZE;
  const becomesData = (prot & PROT_WRITE) !== 0 && !v.isShared && !v.growsDown && !v.isData;
  if (becomesData && !dataFits(mm, t, pages)) return ENOMEM;
  const accounts = becomesData && (v.vmFlags & (VM_ACCOUNT | VM_NORESERVE)) === 0;
  if (accounts && !commitFits(mm, t, pages)) return ENOMEM;
  const splits = Number(start > v.start) + Number(end < v.end);
  if (mm.list.count + splits > mm.frames.maxMapCount) return ENOMEM;

  splitAt(mm, start);
  splitAt(mm, end);
  const part = mm.list.find(start)!;
  count(mm, part, -1);
  part.prot = prot;
  if (accounts) part.vmFlags |= VM_ACCOUNT;
  // What was never written and can no longer be needs no promise.
  else if ((prot & PROT_WRITE) === 0 && part.isAnonymous && !part.hasAnon) part.vmFlags &= ~VM_ACCOUNT;
  count(mm, part, 1);
  rewrite(mm, part);
  return 0;
}

/** Gives the present pages their new bits. W is never added here: the write fault knows whether the page must be copied first. */
function rewrite(mm: AddressSpace, v: Vma): void {
  const { table, frames } = mm;
  const { u32 } = frames.ram;
  const last = vpnOf(v.end - 1) + 1;
  const flags = v.pteFlags();
  const first = table.find(vpnOf(v.start), last);
  for (let vpn = first; vpn >= 0; vpn = table.find(vpn, last)) {
    const stop = Math.min(last, ((vpn >>> 9) + 1) << 9);
    for (let at = table.walk(vpn); vpn < stop; vpn++, at += 2) {
      const pte = u32[at]!;
      if (!isPresent(pte)) continue;
      const pfn = ptePfn(pte);
      u32[at] = makePte(pfn, (flags & ~PTE_W) | (pte & flags & PTE_W) | (pte & PTE_USED));
      if ((v.prot & PROT_EXEC) !== 0) frames.markCode(pfn);
    }
  }
  if (first >= 0) mm.hart.mmu.flushRange(mm.rootPfn, v.start, v.end);
}
