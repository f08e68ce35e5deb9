// One mapping of an address space (Linux: vm_area_struct), what a line of /proc/PID/maps shows.
// Invariant: start < end, both page aligned; while it is in an address space, it is registered with its page cache for reverse mapping.
import { MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_SHARED, MAP_TYPE, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { PAGE_SIZE, PTE_A, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X } from '../../machine/machine.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { AddressSpace } from './address-space.ts';
import type { PageCache } from './page-cache.ts';
import { PTE_NONE } from './page-table.ts';
import type { Userfaultfd } from './uffd.ts';

// What madvise(2), mlock(2) and accounting remember of a mapping.
export const VM_LOCKED = 1, VM_LOCKONFAULT = 2, VM_DONTFORK = 4, VM_WIPEONFORK = 8, VM_DONTDUMP = 16, VM_HUGEPAGE = 32, VM_NOHUGEPAGE = 64;
export const VM_SEQ_READ = 128, VM_RAND_READ = 256, VM_MERGEABLE = 512, VM_ACCOUNT = 1024, VM_NORESERVE = 2048, VM_SEALED = 4096;
// userfaultfd(2): missing pages and writes to protected ones are reported to Vma.uffd.
export const VM_UFFD_MISSING = 8192, VM_UFFD_WP = 16384, VM_UFFD = VM_UFFD_MISSING | VM_UFFD_WP;
const PROT_ALL = PROT_READ | PROT_WRITE | PROT_EXEC;

export class Vma {
  readonly mm: AddressSpace;
  start: number;
  end: number;
  /** PROT_*. */
  prot: number;
  /** PROT_* that mprotect may give (VM_MAYREAD ...): a shared mapping of a read-only descriptor never becomes writable. */
  maxProt = PROT_ALL;
  /** MAP_SHARED, MAP_PRIVATE, MAP_ANONYMOUS, MAP_GROWSDOWN ... as given. */
  flags: number;
  /** VM_*. */
  vmFlags = 0;
  file: OpenFile | null = null;
  /** The pages behind it: of a file, or of a shared anonymous object; null for private anonymous memory. Set by OpenFile.mmap. */
  pages: PageCache | null = null;
  /** Byte offset in `pages` of `start`. */
  offset = 0;
  /** '[heap]', '[stack]', '[vdso]', '[anon:...]' or ''. */
  name = '';
  /** Who resolves its faults (userfaultfd(2)); null: the kernel alone. No reference: it unregisters when it goes. */
  uffd: Userfaultfd | null = null;
  /** MPOL_* mode and flags that mbind(2) gave it (mempolicy.ts); 0: as the task has it. */
  policy = 0;
  /** Private frames were mapped here at some time: what fork has to copy (Linux: anon_vma). */
  hasAnon = false;
  /** Neighbours in the list of the space (VmaList). */
  prev: Vma | null = null;
  next: Vma | null = null;

  constructor(mm: AddressSpace, start: number, end: number, prot: number, flags: number) {
    this.mm = mm;
    this.start = start;
    this.end = end;
    this.prot = prot;
    this.flags = flags;
  }

  get length(): number { return this.end - this.start; }
  get sizePages(): number { return (this.end - this.start) / PAGE_SIZE; }
  get isShared(): boolean { return (this.flags & MAP_SHARED) !== 0; }
  get growsDown(): boolean { return (this.flags & MAP_GROWSDOWN) !== 0; }
  get isAnonymous(): boolean { return this.pages === null; }
  /** Counted by RLIMIT_DATA: private, writable, not a stack. */
  get isData(): boolean { return (this.prot & PROT_WRITE) !== 0 && !this.isShared && !this.growsDown; }

  /** Page number in `pages` of the page at `addr`. */
  indexOf(addr: number): number { return Math.floor((addr - this.start + this.offset) / PAGE_SIZE); }

  /** PTE bits for a page of this mapping; W is there if the mapping is writable at all. Write implies read: Sv39 has no write-only pages. */
  pteFlags(): number {
    if ((this.prot & PROT_ALL) === 0) return PTE_NONE | PTE_U | PTE_A;
    let bits = PTE_V | PTE_U | PTE_A;
    if ((this.prot & (PROT_READ | PROT_WRITE)) !== 0) bits |= PTE_R;
    if ((this.prot & PROT_WRITE) !== 0) bits |= PTE_W;
    if ((this.prot & PROT_EXEC) !== 0) bits |= PTE_X;
    return bits;
  }

  /** The part [start, end) as a mapping of its own, not yet in any list; holds its own references. */
  slice(start: number, end: number, mm: AddressSpace = this.mm): Vma {
    const v = new Vma(mm, start, end, this.prot, this.flags);
    v.maxProt = this.maxProt;
    v.vmFlags = this.vmFlags;
    v.file = this.file?.get() ?? null;
    v.pages = this.pages;
    v.offset = this.pages === null ? this.offset : this.offset + (start - this.start);
    v.name = this.name;
    v.policy = this.policy;
    v.uffd = this.uffd;
    v.hasAnon = this.hasAnon;
    return v;
  }

  /** Becomes visible to truncation and reclaim; before the first page is mapped. */
  attach(): void { this.pages?.addMapping(this); }

  /** Leaves for good: after the last page is unmapped. */
  detach(): void {
    this.pages?.removeMapping(this);
    this.file?.put();
  }

  /** Could `next`, which begins where this one ends, be one mapping with it? */
  canMerge(next: Vma): boolean {
    return this.end === next.start && this.prot === next.prot && this.maxProt === next.maxProt && this.flags === next.flags
      && this.vmFlags === next.vmFlags && this.file === next.file && this.pages === next.pages && this.name === next.name && this.policy === next.policy && this.uffd === next.uffd
      && !this.growsDown && (this.pages === null || this.offset + this.length === next.offset);
  }

  /** The second column of /proc/PID/maps. */
  get permissions(): string {
    return ((this.prot & PROT_READ) !== 0 ? 'r' : '-') + ((this.prot & PROT_WRITE) !== 0 ? 'w' : '-')
      + ((this.prot & PROT_EXEC) !== 0 ? 'x' : '-') + (this.isShared ? 's' : 'p');
  }
}

/** MAP_* bits that stay with a mapping; two mappings that differ only in the others may merge. */
export const KEPT_FLAGS = MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN;
/** MAP_SHARED_VALIDATE is MAP_SHARED once it has been validated. */
export const keptFlags = (flags: number): number => (flags & KEPT_FLAGS & ~MAP_TYPE) | ((flags & MAP_SHARED) !== 0 ? MAP_SHARED : MAP_PRIVATE);
