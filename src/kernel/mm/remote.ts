// Another process' memory: /proc/PID/mem, cmdline and environ, process_vm_readv(2). The pages are faulted in as if that process had touched them.
import { EFAULT, isErr } from '../../abi/errno.ts';
import { ACCESS_READ, ACCESS_WRITE, PAGE_SIZE, PTE_R, PTE_V, PTE_W } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { resolve } from './fault.ts';
import { KIND_ANON } from './frame-kinds.ts';
import { TASK_SIZE, vpnOf } from './layout.ts';
import { isPresent, ptePfn } from './page-table.ts';

export type Direction = 'read' | 'write';
/** 'as the process': its mappings' protection holds. 'as a debugger': it does not, except that nothing is written to shared memory against it. */
export type Rights = 'as the process' | 'as a debugger';

/** Bytes copied between `bytes` and `mm` at `addr`, short at the first page that is not accessible; BLOCKED or ENOMEM if that came first. */
export function accessRemote(mm: AddressSpace, t: Task, addr: number, bytes: Uint8Array, direction: Direction, rights: Rights = 'as the process'): number {
  const { u8 } = mm.frames.ram;
  let done = 0;
  while (done < bytes.length) {
    const at = addr + done;
    const pfn = rights === 'as a debugger' ? forcedPage(mm, t, at, direction) : pageFor(mm, t, at, direction);
    if (isErr(pfn)) return done > 0 || pfn === EFAULT ? done : pfn;
    const paddr = pfn * PAGE_SIZE + at % PAGE_SIZE;
    const n = Math.min(bytes.length - done, PAGE_SIZE - at % PAGE_SIZE);
    if (direction === 'read') {
      bytes.set(u8.subarray(paddr, paddr + n), done);
    } else {
      u8.set(bytes.subarray(done, done + n), paddr);
      mm.frames.wrote(pfn);
    }
    done += n;
  }
  return done;
}

/** The frame behind `addr`, ready for the access; EFAULT, BLOCKED, ENOMEM. */
function pageFor(mm: AddressSpace, t: Task, addr: number, direction: Direction): number {
  if (!(addr >= 0 && addr < TASK_SIZE)) return EFAULT;
  const need = direction === 'read' ? PTE_V | PTE_R : PTE_V | PTE_W;
  const vpn = vpnOf(addr);
  for (let tries = 0; tries < 4; tries++) {
    const pte = mm.table.read(vpn);
    if ((pte & need) === need) return ptePfn(pte);
    const r = mm.fault(t, addr, direction === 'read' ? ACCESS_READ : ACCESS_WRITE);
    if (isErr(r)) return r;
  }
  return EFAULT;
}

/** The same against the mapping's protection: breakpoints are written into read-only code, which becomes a private copy. */
function forcedPage(mm: AddressSpace, t: Task, addr: number, direction: Direction): number {
  const v = addr >= 0 ? mm.list.find(addr) : null;
  if (v === null || (direction === 'write' && t.kernel.security.forcedWrite(t, v) !== 0)) return EFAULT;
  const { frames, table } = mm;
  for (let tries = 0; tries < 4; tries++) {
    const pte = table.read(vpnOf(addr));
    const pfn = ptePfn(pte);
    const isOwn = isPresent(pte) && frames.kind[pfn] === KIND_ANON && frames.refs[pfn] === 1;
    if (isOwn && direction === 'write') frames.swap.unlink(pfn);
    if (isPresent(pte) && (direction === 'read' || (pte & PTE_W) !== 0 || isOwn)) return pfn;
    if (direction === 'write' && v.isShared && (v.pteFlags() & PTE_W) === 0) return EFAULT;
    const r = resolve(mm, t, v, addr, direction === 'read' ? ACCESS_READ : ACCESS_WRITE);
    if (isErr(r)) return r;
  }
  return EFAULT;
}
