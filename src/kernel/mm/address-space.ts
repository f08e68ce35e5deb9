// An address space (Linux: mm_struct): page tables, mappings and counters of the tasks that run in it. The work is done by the files beside this
// one, one per idea; here is what they share, and the face that the rest of the kernel sees.
import { type Errno, type Fallible, ENOMEM, isErr } from '../../abi/errno.ts';
import { type Access, type Hart, PAGE_SIZE } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { Task } from '../task/task.ts';
import { setBrk } from './brk.ts';
import { handleFault } from './fault.ts';
import { copyMappings } from './fork.ts';
import { KIND_ANON, KIND_FILE, KIND_SHMEM, KIND_TABLE } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { mapRegion } from './map.ts';
import { inheritedMdwe } from './mdwe.ts';
import { PageTable } from './page-table.ts';
import { protectRange } from './protect.ts';
import { remapRegion } from './remap.ts';
import { accessRemote, type Rights } from './remote.ts';
import { protectPage, zapCached } from './rmap.ts';
import { unmapAll, unmapRange } from './unmap.ts';
import type { Vma } from './vma.ts';
import { VmaList } from './vma-list.ts';

/** Result of a fault that could not be resolved: the signal to deliver. */
export interface FaultSignal { signo: number; code: number; addr: number }

export interface MapRequest {
  addr: number; length: number;
  /** PROT_* */ prot: number;
  /** MAP_* */ flags: number;
  file: OpenFile | null; offset: number;
  /** How /proc/PID/maps names it: '[stack]', '[vdso]'. */
  name?: string;
}

export class AddressSpace {
  readonly kernel: Kernel;
  readonly frames: Frames;
  readonly hart: Hart;
  readonly table: PageTable;
  readonly list = new VmaList();
  /** Tasks that run in it (CLONE_VM, vfork). 0: it is gone; whoever only looks at it (/proc/PID/mem) asks first. */
  users = 1;

  startCode = 0; endCode = 0; startData = 0; endData = 0;
  startBrk = 0; brk = 0; startStack = 0;
  argStart = 0; argEnd = 0; envStart = 0; envEnd = 0;
  mmapBase = 0;
  auxv: Uint8Array = new Uint8Array(0);
  /** The vDSO image (AT_SYSINFO_EHDR, 0 = none), and the code to which signal handlers return (task/vdso/vdso.ts). */
  vdsoBase = 0; sigreturnAddr = 0;

  /** Mapped frames by kind (FrameKind). */
  readonly rss = new Int32Array(8);
  /** Entries that name swap slots (VmSwap). */
  swapPages = 0;
  rssPeakPages = 0;
  /** Pages of all mappings; of those counted by RLIMIT_DATA; of stacks; of executable mappings; locked by mlock. */
  totalPages = 0;
  totalPeakPages = 0;
  dataPages = 0;
  stackPages = 0;
  execPages = 0;
  lockedPages = 0;
  /** Our part of Frames.committedPages. */
  committedPages = 0;
  /** mlockall(MCL_FUTURE): VM_* bits of new mappings. */
  defaultVmFlags = 0;
  /** mseal(2) was used here. */
  hasSeals = false;
  /** PR_SET_MDWE: PR_MDWE_* (mdwe.ts). */
  mdwe = 0;
  /** The program is exempt from W^X (security/wx.ts). */
  mayMakeCode = false;
  /** Pages that userfaultfd(2) has write-protected; null: none ever. */
  private writeProtected: Set<number> | null = null;
  /** membarrier(2) registrations. */
  membarrierRegistered = 0;
  readonly lastFault: FaultSignal = { signo: 0, code: 0, addr: 0 };

  constructor(kernel: Kernel, rootPfn: number) {
    this.kernel = kernel;
    this.frames = kernel.frames;
    this.hart = kernel.hart;
    this.table = new PageTable(kernel.frames, rootPfn);
    kernel.frames.spaces.set(rootPfn, this);
  }

  /** An empty address space, or ENOMEM. */
  static create(kernel: Kernel): Fallible<AddressSpace> {
    const root = kernel.frames.balance() ? kernel.frames.alloc(KIND_TABLE) : -1;
    return root < 0 ? ENOMEM : new AddressSpace(kernel, root);
  }

  get rootPfn(): number { return this.table.rootPfn; }
  get rssAnonPages(): number { return this.rss[KIND_ANON]!; }
  get rssFilePages(): number { return this.rss[KIND_FILE]!; }
  get rssShmemPages(): number { return this.rss[KIND_SHMEM]!; }
  /** Resident pages. */
  get rssPages(): number { return this.rss[KIND_ANON]! + this.rss[KIND_FILE]! + this.rss[KIND_SHMEM]!; }

  /** Mappings in address order. */
  vmas(): readonly Vma[] { return this.list.toArray(); }
  findVma(addr: number): Vma | null { return this.list.find(addr); }

  /** mmap(2) after the checks of its arguments' form; the address or an errno. */
  map(t: Task, request: MapRequest): number | Errno { return mapRegion(this, t, request); }
  /** munmap(2). */
  unmap(t: Task, addr: number, length: number): 0 | Errno { return unmapRange(this, t, addr, length); }
  /** mprotect(2). */
  protect(t: Task, addr: number, length: number, prot: number): 0 | Errno { return protectRange(this, t, addr, length, prot); }
  /** mremap(2). */
  remap(t: Task, addr: number, oldLength: number, newLength: number, flags: number, newAddr: number): number | Errno {
    return remapRegion(this, t, { addr, oldLength, newLength, flags, newAddr });
  }
  /** brk(2): the new break, or the old one where it cannot move. */
  setBrk(t: Task, addr: number): number { return setBrk(this, t, addr); }

  /**
   * Resolves a page fault at `addr`. 0: retry the access. EFAULT: `lastFault` holds the signal (SIGSEGV MAPERR/ACCERR, SIGBUS ADRERR ...).
   * BLOCKED: the task is parked until the page is there. ENOMEM: the OOM killer must act (kernel.outOfMemory).
   */
  fault(t: Task, addr: number, access: Access): 0 | Errno { return handleFault(this, t, addr, access); }

  /** fork(2): copy-on-write copy, or ENOMEM. */
  fork(t: Task): Fallible<AddressSpace> {
    const child = AddressSpace.create(this.kernel);
    if (isErr(child)) return child;
    copyLayout(this, child);
    const r = copyMappings(this, child, t);
    if (isErr(r)) {
      child.put();
      return r;
    }
    return child;
  }

  get(): this { this.users++; return this; }

  // --- write protection by userfaultfd(2): marks on pages, kept beside the table so that they survive swapping and mprotect ------------------

  isWriteProtected(vpn: number): boolean { return this.writeProtected !== null && this.writeProtected.has(vpn); }
  markWriteProtected(vpn: number): void { (this.writeProtected ??= new Set()).add(vpn); }
  /** Marks of [start, end) go; `shift`: they move by so many pages. */
  forgetWriteProtection(start: number, end: number, shift = 0): void {
    const marks = this.writeProtected;
    if (marks === null) return;
    const first = start / PAGE_SIZE, last = end / PAGE_SIZE;
    const gone = [...marks].filter(vpn => vpn >= first && vpn < last);
    for (const vpn of gone) marks.delete(vpn);
    if (shift !== 0) for (const vpn of gone) marks.add(vpn + shift);
  }

  /** Drops one user; the last one tears everything down and frees all frames. */
  put(): void {
    if (--this.users > 0) return;
    this.hart.mmu.releaseSpace(this.rootPfn);    // first: what follows then flushes nothing
    unmapAll(this);
    this.frames.spaces.delete(this.rootPfn);
    this.table.destroy();
  }

  /** Access by others than the current task (/proc/PID/mem, cmdline, ptrace, process_vm_*). Bytes copied, short at the first bad page. */
  readRemote(t: Task, addr: number, to: Uint8Array, rights?: Rights): number { return accessRemote(this, t, addr, to, 'read', rights); }
  writeRemote(t: Task, addr: number, from: Uint8Array, rights?: Rights): number { return accessRemote(this, t, addr, from, 'write', rights); }

  // --- what truncation, write-back and reclaim ask for (PageCache.mappings) -----------------------------------------------------------------

  /** Pages [first, end) of the file leave the page table. */
  unmapPages(v: Vma, first: number, end: number, which: 'cached pages only' | 'with private copies'): void { zapCached(this, v, first, end, which); }
  /** The next store to page `index` of the file faults again. */
  writeProtect(v: Vma, index: number): void { protectPage(this, v, index); }
}

function copyLayout(from: AddressSpace, to: AddressSpace): void {
  to.startCode = from.startCode; to.endCode = from.endCode;
  to.startData = from.startData; to.endData = from.endData;
  to.startBrk = from.startBrk; to.brk = from.brk; to.startStack = from.startStack;
  to.argStart = from.argStart; to.argEnd = from.argEnd;
  to.envStart = from.envStart; to.envEnd = from.envEnd;
  to.mmapBase = from.mmapBase;
  to.vdsoBase = from.vdsoBase; to.sigreturnAddr = from.sigreturnAddr;
  to.auxv = from.auxv;
  to.hasSeals = from.hasSeals;
  to.mdwe = inheritedMdwe(from);
  to.mayMakeCode = from.mayMakeCode;
}
