// The page fault: from a trap at an address to a page in the table, or to the signal that says why not (sigaction(2): SEGV_MAPERR, BUS_ADRERR ...).
// Demand zero, copy on write, file pages and the growing stack meet here. Rule: memory is allocated before a position in a table is taken,
// because allocation may reclaim, and reclaim changes tables.
import { BLOCKED, type Errno, EFAULT, ENOMEM, ERESTARTSYS, isErr } from '../../abi/errno.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { RLIMIT_STACK } from '../../abi/resource.ts';
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGSEGV } from '../../abi/signal.ts';
import { ACCESS_EXEC, ACCESS_READ, ACCESS_WRITE, type Access, PAGE_SIZE, PTE_A, PTE_D, PTE_R, PTE_V, PTE_W, PTE_X } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { checkGrowth, count, lockFits } from './account.ts';
import type { AddressSpace } from './address-space.ts';
import { FRAME_DIRTY, KIND_ANON, KIND_FILE } from './frame-kinds.ts';
import { MMAP_MIN_ADDR, STACK_GUARD, TASK_SIZE, pageDown, vpnOf } from './layout.ts';
import type { PageCache } from './page-cache.ts';
import { isPresent, isSwapped, makePte, ptePfn, swapSlot } from './page-table.ts';
import { swapIn } from './swap-in.ts';
import { VM_LOCKED, VM_UFFD_WP, type Vma } from './vma.ts';

/** Pages mapped around a read fault if they are cached anyway. */
const FAULT_AROUND = 16;

export function handleFault(mm: AddressSpace, t: Task, addr: number, access: Access): 0 | Errno {
  mm.frames.events.pgfault++;
  if (!(addr >= 0 && addr < TASK_SIZE)) return signal(mm, SIGSEGV, SEGV_MAPERR, addr);
  const v = mm.list.find(addr) ?? growStack(mm, t, addr);
  if (v === null) return signal(mm, SIGSEGV, SEGV_MAPERR, addr);
  return allows(v, access) ? resolve(mm, t, v, addr, access) : signal(mm, SIGSEGV, SEGV_ACCERR, addr);
}

/** Brings in the page at `addr`, without asking whether the mapping allows the access (a debugger's may not be: remote.ts). */
export function resolve(mm: AddressSpace, t: Task, v: Vma, addr: number, access: Access): 0 | Errno {
  const vpn = vpnOf(addr);
  const pte = mm.table.read(vpn);
  if (v.uffd !== null) {
    const r = v.uffd.check(t, v, addr, pte, access);
    if (r !== 0) return r;
  }
  if (isSwapped(pte)) return swapIn(mm, t, v, vpn, access);
  if (pte === 0) return v.pages === null ? anonFault(mm, t, v, vpn, access) : fileFault(mm, t, v, vpn, addr, access);
  if (access === ACCESS_WRITE && (pte & PTE_W) === 0) return writeFault(mm, t, v, vpn, pte);
  return spurious(mm, v, vpn, pte, access);
}

function signal(mm: AddressSpace, signo: number, code: number, addr: number): Errno {
  mm.lastFault.signo = signo;
  mm.lastFault.code = code;
  mm.lastFault.addr = addr;
  return EFAULT;
}

/** Write implies read (Sv39 has no write-only pages); execute implies nothing. */
function allows(v: Vma, access: Access): boolean {
  if (access === ACCESS_READ) return (v.prot & (PROT_READ | PROT_WRITE)) !== 0;
  return (v.prot & (access === ACCESS_WRITE ? PROT_WRITE : PROT_EXEC)) !== 0;
}

/** The stack above `addr` grows down to it, if RLIMIT_STACK and the guard gap allow (mmap(2), MAP_GROWSDOWN). */
function growStack(mm: AddressSpace, t: Task, addr: number): Vma | null {
  const v = mm.list.after(addr);
  if (v === null || !v.growsDown) return null;
  const start = pageDown(addr);
  if (start < MMAP_MIN_ADDR || v.end - start > t.process.rlimits[RLIMIT_STACK]!.soft) return null;
  const below = v.prev;
  if (below !== null && !below.growsDown && below.prot !== 0 && start - below.end < STACK_GUARD) return null;
  const pages = (v.start - start) / PAGE_SIZE;
  if (isErr(checkGrowth(mm, t, v, pages))) return null;
  if ((v.vmFlags & VM_LOCKED) !== 0 && isErr(lockFits(mm, t, pages))) return null;
  count(mm, v, -1);
  v.start = start;
  count(mm, v, 1);
  return v;
}

/** Reads of untouched memory see the frame of zeros; the first write gets a frame of its own. */
function anonFault(mm: AddressSpace, t: Task, v: Vma, vpn: number, access: Access): 0 | Errno {
  t.minFaults++;
  if (access !== ACCESS_WRITE) return install(mm, v, vpn, mm.frames.zeroPfn, v.pteFlags() & ~PTE_W);
  const pfn = mm.frames.allocNear(KIND_ANON, besideNeighbour(mm, vpn), vpn);
  if (pfn < 0) return ENOMEM;
  v.hasAnon = true;
  return install(mm, v, vpn, pfn, v.pteFlags() | PTE_D);
}

/** The frame that would make page `vpn` one run with the private page before or after it; -1: it has no such neighbour in its table. */
function besideNeighbour(mm: AddressSpace, vpn: number): number {
  const at = mm.table.walk(vpn);
  if (at < 0) return -1;
  const { kind, ram: { u32 } } = mm.frames;
  const before = (vpn & 511) === 0 ? 0 : u32[at - 2]!, after = (vpn & 511) === 511 ? 0 : u32[at + 2]!;
  if (isPresent(before) && kind[ptePfn(before)] === KIND_ANON) return ptePfn(before) + 1;
  return isPresent(after) && kind[ptePfn(after)] === KIND_ANON ? ptePfn(after) - 1 : -1;
}

function fileFault(mm: AddressSpace, t: Task, v: Vma, vpn: number, addr: number, access: Access): 0 | Errno {
  const pages = v.pages!;
  const index = v.indexOf(addr);
  if (index * PAGE_SIZE >= pages.size) return signal(mm, SIGBUS, BUS_ADRERR, addr);
  if (pages.kind === KIND_FILE && pages.peek(index) < 0) countMajor(mm, t);
  else t.minFaults++;
  const pfn = pages.getPageAround(t, index);
  if (isErr(pfn)) return pageError(mm, pfn, addr);
  if (access === ACCESS_WRITE && !v.isShared) return copyPage(mm, v, vpn, pfn);

  if (access === ACCESS_WRITE) {
    const waited = throttle(mm, t, pages);
    if (waited !== null) return waited;
    pages.markDirty(index);
  }
  mm.frames.get(pfn);
  const r = install(mm, v, vpn, pfn, fileFlags(mm, v, pages, pfn) | (access === ACCESS_WRITE ? PTE_D : 0));
  if (r === 0 && access !== ACCESS_WRITE && v.uffd === null) mapAround(mm, v, pages, vpn, index);
  return r;
}

/**
 * Who makes pages dirty faster than they can be written back writes his own first, and the access is tried again: reclaim may have been at work meanwhile.
 * An error is for fsync(2) to tell. null: no reason to wait.
 */
function throttle(mm: AddressSpace, t: Task, pages: PageCache): 0 | Errno | null {
  if (!pages.tracksDirty || pages.dirtyCount === 0 || !mm.frames.isFlooded) return null;
  const r = pages.sync(t);
  if (r === BLOCKED) return r;
  return pages.dirtyCount === 0 ? 0 : null;
}

/** A fault that had to fetch its page. */
export function countMajor(mm: AddressSpace, t: Task): void {
  t.majFaults++;
  mm.frames.events.pgmajfault++;
}

/** Parked and out of memory stay what they are; anything else that a file answers for a page is a bus error. */
function pageError(mm: AddressSpace, e: Errno, addr: number): Errno {
  return e > ERESTARTSYS && e !== ENOMEM ? signal(mm, SIGBUS, BUS_ADRERR, addr) : e;
}

/** Private pages are never mapped writable; shared ones that must be written back, or were asked about, become so with the first write. */
function fileFlags(mm: AddressSpace, v: Vma, pages: PageCache, pfn: number): number {
  const writable = v.isShared && (v.vmFlags & VM_UFFD_WP) === 0 && (!pages.tracksDirty || (mm.frames.flags[pfn]! & FRAME_DIRTY) !== 0);
  return writable ? v.pteFlags() : v.pteFlags() & ~PTE_W;
}

/** The neighbours that are cached come along: one fault instead of sixteen when a program starts. The window lies in one table. */
function mapAround(mm: AddressSpace, v: Vma, pages: PageCache, vpn: number, index: number): void {
  const { frames, table } = mm;
  const first = Math.max(vpn & ~(FAULT_AROUND - 1), vpnOf(v.start), vpn - index);
  const end = Math.min((vpn | (FAULT_AROUND - 1)) + 1, vpnOf(v.end - 1) + 1, vpn - index + Math.ceil(pages.size / PAGE_SIZE));
  const base = table.walk(vpn) - vpn * 2;
  for (let n = first; n < end; n++) {
    if (frames.ram.u32[base + n * 2] !== 0) continue;
    const pfn = pages.peek(index + n - vpn);
    if (pfn < 0) continue;
    frames.get(pfn);
    place(mm, base + n * 2, pfn, fileFlags(mm, v, pages, pfn) & ~PTE_A);     // not used yet, as reclaim sees it
  }
}

/** A store to a page that is mapped read-only in a writable mapping: copy on write, or the first store since write-back. */
export function writeFault(mm: AddressSpace, t: Task, v: Vma, vpn: number, pte: number): 0 | Errno {
  t.minFaults++;
  const { frames } = mm;
  const pfn = ptePfn(pte);
  if (v.isShared) {
    const waited = throttle(mm, t, v.pages!);
    if (waited !== null) return waited;
    v.pages!.markDirty(v.indexOf(vpn * PAGE_SIZE));
    return grantWrite(mm, v, vpn, pfn);
  }
  if (pfn === frames.zeroPfn) {
    const fresh = frames.allocNear(KIND_ANON, besideNeighbour(mm, vpn), vpn);
    if (fresh < 0) return ENOMEM;
    v.hasAnon = true;
    return install(mm, v, vpn, fresh, v.pteFlags() | PTE_D);
  }
  if (frames.kind[pfn] === KIND_ANON && frames.refs[pfn] === 1) {
    frames.swap.unlink(pfn);
    return grantWrite(mm, v, vpn, pfn);
  }
  return copyPage(mm, v, vpn, pfn);
}

function grantWrite(mm: AddressSpace, v: Vma, vpn: number, pfn: number): 0 {
  mm.table.set(mm.table.walk(vpn), makePte(pfn, v.pteFlags() | PTE_D));
  mm.hart.mmu.flushPage(mm.rootPfn, vpn * PAGE_SIZE);
  return 0;
}

/** A private copy of `from`, which is pinned meanwhile. */
export function copyPage(mm: AddressSpace, v: Vma, vpn: number, from: number): 0 | Errno {
  const { frames } = mm;
  frames.get(from);
  const pfn = frames.allocNearRaw(KIND_ANON, besideNeighbour(mm, vpn), vpn);
  if (pfn >= 0) frames.copy(from, pfn);
  frames.put(from);
  if (pfn < 0) return ENOMEM;
  v.hasAnon = true;
  return install(mm, v, vpn, pfn, v.pteFlags() | PTE_D);
}

/** Puts `pfn` (whose reference it takes over) at `vpn`, in place of what is there. */
export function install(mm: AddressSpace, v: Vma, vpn: number, pfn: number, flags: number): 0 | Errno {
  const { frames, table } = mm;
  const at = table.ensure(vpn);
  if (at < 0) {
    if (pfn !== frames.zeroPfn) frames.put(pfn);
    return ENOMEM;
  }
  const old = frames.ram.u32[at]!;
  if (old !== 0) release(mm, at, old);
  place(mm, at, pfn, flags);
  if (old === 0) return 0;
  mm.hart.mmu.flushPage(mm.rootPfn, vpn * PAGE_SIZE);
  return 0;
}

/** Maps `pfn`, whose reference it takes over, by the unused entry at `at`. */
export function place(mm: AddressSpace, at: number, pfn: number, flags: number): void {
  const { frames } = mm;
  mm.table.set(at, makePte(pfn, flags));
  if ((flags & PTE_X) !== 0) frames.markCode(pfn);
  if (pfn === frames.zeroPfn) return;
  frames.maps.add(pfn, at);
  mm.rss[frames.kind[pfn]!]!++;
  const rss = mm.rssPages;
  if (rss > mm.rssPeakPages) mm.rssPeakPages = rss;
}

/** What the entry at `at` holds is given up; the entry itself is about to be overwritten. */
function release(mm: AddressSpace, at: number, pte: number): void {
  const { frames } = mm;
  if (isSwapped(pte)) {
    mm.swapPages--;
    frames.swap.put(swapSlot(pte));
    return;
  }
  const pfn = ptePfn(pte);
  if (pfn === frames.zeroPfn) return;
  frames.maps.remove(pfn, at);
  mm.rss[frames.kind[pfn]!]!--;
  frames.put(pfn);
}

/** The table allows the access already: a stale translation. Bits that a mapping gained since are put right. */
function spurious(mm: AddressSpace, v: Vma, vpn: number, pte: number, access: Access): 0 {
  const need = access === ACCESS_EXEC ? PTE_X : PTE_R;
  if ((pte & PTE_V) === 0 || (pte & need) === 0) {
    const pfn = ptePfn(pte);
    mm.table.set(mm.table.walk(vpn), makePte(pfn, v.pteFlags() & ~PTE_W));
    if ((v.prot & PROT_EXEC) !== 0) mm.frames.markCode(pfn);
  }
  mm.hart.mmu.flushPage(mm.rootPfn, vpn * PAGE_SIZE);
  return 0;
}
