// CONTRACT (helper MM replaces this interface by the class of the same name; callers rely on these members).
import type { Errno, Fallible } from '../../abi/errno.ts';
import type { Access } from '../../machine/machine.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { Task } from '../task/task.ts';
import type { Vma } from './vma.ts';

/** Result of a fault that could not be resolved: the signal to deliver. */
export interface FaultSignal { signo: number; code: number; addr: number }

export interface MapRequest {
  addr: number; length: number;
  /** PROT_* */ prot: number;
  /** MAP_* */ flags: number;
  file: OpenFile | null; offset: number;
}

export interface AddressSpace {
  readonly rootPfn: number;
  /** Tasks that run in it (CLONE_VM, vfork). */
  users: number;
  startCode: number; endCode: number; startData: number; endData: number;
  startBrk: number; brk: number; startStack: number;
  argStart: number; argEnd: number; envStart: number; envEnd: number;
  mmapBase: number;
  auxv: Uint8Array;
  /** Resident pages, and its high-water mark; mapped pages in total. */
  rssPages: number; rssPeakPages: number; totalPages: number;

  /** VMAs in address order. */
  vmas(): Iterable<Vma>;
  findVma(addr: number): Vma | null;
  /** mmap(2) after argument checks; the address or an errno. RLIMIT_AS, RLIMIT_DATA apply. */
  map(t: Task, request: MapRequest): number | Errno;
  unmap(t: Task, addr: number, length: number): 0 | Errno;
  protect(t: Task, addr: number, length: number, prot: number): 0 | Errno;
  remap(t: Task, addr: number, oldLength: number, newLength: number, flags: number, newAddr: number): number | Errno;
  setBrk(t: Task, addr: number): number;
  /**
   * Resolves a page fault at `addr`. 0: retry the access. EFAULT: `lastFault` holds the signal (SIGSEGV MAPERR/ACCERR, SIGBUS ADRERR ...).
   * BLOCKED: the task is parked until the page is there. ENOMEM: the OOM killer must act (kernel.outOfMemory).
   */
  fault(t: Task, addr: number, access: Access): 0 | Errno;
  readonly lastFault: FaultSignal;
  /** fork(2): copy-on-write copy. */
  fork(t: Task): Fallible<AddressSpace>;
  /** Drops one user; the last one tears everything down and frees all frames. */
  put(): void;
  get(): this;
  /** Access by others than the current task (/proc/PID/mem, cmdline, ptrace, process_vm_*). Bytes copied, short at the first unmapped page. */
  readRemote(t: Task, addr: number, to: Uint8Array): number;
  writeRemote(t: Task, addr: number, from: Uint8Array): number;
}
