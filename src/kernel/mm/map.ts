// mmap(2): finding a place, checking rights and limits, and entering the mapping. Pages come later, by faults (or at once: MAP_POPULATE).
import { type Errno, EACCES, EAGAIN, EEXIST, EINVAL, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, ETXTBSY, isErr } from '../../abi/errno.ts';
import { CAP_SYS_RAWIO } from '../../abi/capability.ts';
import {
  MAP_ANONYMOUS, MAP_DENYWRITE, MAP_EXECUTABLE, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_HUGETLB, MAP_HUGE_MASK, MAP_HUGE_SHIFT, MAP_LOCKED,
  MAP_NONBLOCK, MAP_NORESERVE, MAP_POPULATE, MAP_PRIVATE, MAP_SHARED, MAP_SHARED_VALIDATE, MAP_STACK, MAP_TYPE, MAP_UNINITIALIZED, PROT_EXEC, PROT_READ,
  PROT_WRITE,
} from '../../abi/mman.ts';
import { MS_NOEXEC } from '../../abi/mount.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { checkGrowth, count, lockFits, mayExpand, mayLock } from './account.ts';
import type { AddressSpace, MapRequest } from './address-space.ts';
import { MMAP_MIN_ADDR, STACK_GUARD, TASK_SIZE, pageDown, pageUp } from './layout.ts';
import { refusesExec } from './mdwe.ts';
import { commitFits, honoursNoReserve } from './overcommit.ts';
import { populate } from './populate.ts';
import { isSealed } from './seal.ts';
import { ShmemCache } from './shmem.ts';
import { mergeAround, removeMappings } from './unmap.ts';
import { keptFlags, VM_ACCOUNT, VM_LOCKED, VM_LOCKONFAULT, VM_NORESERVE, Vma } from './vma.ts';

const PROT_RWX = PROT_READ | PROT_WRITE | PROT_EXEC;
/** What MAP_SHARED_VALIDATE knows; the old types ignore what they do not know. */
const VALID_FLAGS = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE
  | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_FIXED_NOREPLACE | MAP_UNINITIALIZED | (MAP_HUGE_MASK << MAP_HUGE_SHIFT);

export function mapRegion(mm: AddressSpace, t: Task, q: MapRequest): number | Errno {
  if (q.length <= 0) return EINVAL;
  const length = pageUp(q.length);
  if (!(length <= TASK_SIZE)) return ENOMEM;
  if (q.file !== null && q.offset + length > 2 ** 63) return EOVERFLOW;
  if (mm.list.count > mm.frames.maxMapCount) return ENOMEM;
  const start = choosePlace(mm, t, q.addr, length, q.flags);
  if (isErr(start)) return start;
  if ((q.flags & MAP_FIXED_NOREPLACE) !== 0 && !mm.list.isFree(start, start + length)) return EEXIST;

  const v = new Vma(mm, start, start + length, q.prot & PROT_RWX, keptFlags(q.flags));
  v.name = q.name ?? '';
  const r = describe(v, q) || (refusesExec(mm, v.prot, v.prot) ? EACCES : 0) || t.kernel.security.mmapFile(t, q.file, v.prot, q.flags) || checkLimits(mm, t, v, q.flags) || (isSealed(mm, v.start, v.end) ? EPERM : 0) || attachFile(t, v, q);
  if (r !== 0) return r;

  removeMappings(mm, v.start, v.end);
  v.attach();
  mm.list.insert(v);
  count(mm, v, 1);
  const wantsPages = (v.vmFlags & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED || (q.flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE;
  mergeAround(mm, start, start + length);
  if (wantsPages) populate(mm, t, start, start + length, 'what is at hand');
  return start;
}

/** Where it goes: the given address for MAP_FIXED, the hint if it is free, else the highest hole below the mmap base. */
export function choosePlace(mm: AddressSpace, t: Task, hint: number, length: number, flags: number): number | Errno {
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0) {
    if (hint > TASK_SIZE - length) return ENOMEM;
    if (hint % PAGE_SIZE !== 0) return EINVAL;
    return hint < MMAP_MIN_ADDR && !t.cred.has(CAP_SYS_RAWIO) ? EPERM : hint;
  }
  if (hint >= PAGE_SIZE && hint <= TASK_SIZE - length) {
    const at = Math.max(pageDown(hint), MMAP_MIN_ADDR);
    if (fits(mm, at, at + length)) return at;
  }
  let found = mm.list.findHole(length, mm.mmapBase, MMAP_MIN_ADDR);
  if (found < 0) found = mm.list.findHole(length, TASK_SIZE, MMAP_MIN_ADDR);
  return found < 0 ? ENOMEM : found;
}

/** Free, and not in the guard gap of a stack above. */
function fits(mm: AddressSpace, start: number, end: number): boolean {
  if (end > TASK_SIZE) return false;
  const next = mm.list.after(start);
  return next === null || end <= (next.growsDown ? next.start - STACK_GUARD : next.start);
}

/** Type, rights of the descriptor, and what mprotect may make of it later. */
function describe(v: Vma, q: MapRequest): 0 | Errno {
  const type = q.flags & MAP_TYPE;
  if (q.file === null) {
    if (type !== MAP_SHARED && type !== MAP_PRIVATE) return EINVAL;
    return type === MAP_SHARED && v.growsDown ? EINVAL : 0;
  }
  if (type === MAP_SHARED_VALIDATE && (q.flags & ~VALID_FLAGS) !== 0) return EOPNOTSUPP;
  if (type !== MAP_SHARED && type !== MAP_PRIVATE && type !== MAP_SHARED_VALIDATE) return EINVAL;
  if ((q.flags & MAP_HUGETLB) !== 0) return EINVAL;
  const { file } = q;
  if (type !== MAP_PRIVATE) {
    if ((v.prot & PROT_WRITE) !== 0 && !file.isWritable) return EACCES; // O_APPEND does not matter, unlike an append-only inode
    if ((v.prot & PROT_WRITE) !== 0 && file.inode.isSwapFile) return ETXTBSY;
    if (!file.isWritable) v.maxProt &= ~PROT_WRITE;
  }
  if (!file.isReadable) return EACCES;
  if (isNoExec(file)) {
    if ((v.prot & PROT_EXEC) !== 0) return EPERM;
    v.maxProt &= ~PROT_EXEC;
  }
  return v.growsDown ? EINVAL : 0;
}

const isNoExec = (file: OpenFile): boolean => file.path !== null && (file.path.mount.flags & MS_NOEXEC) !== 0;

function checkLimits(mm: AddressSpace, t: Task, v: Vma, flags: number): 0 | Errno {
  const pages = v.sizePages;
  if ((flags & MAP_ANONYMOUS) !== 0 && (flags & MAP_HUGETLB) !== 0) return ENOMEM;    // the pool of huge pages is empty
  v.vmFlags = mm.defaultVmFlags;
  if ((flags & MAP_LOCKED) !== 0) {
    if (!mayLock(t)) return EPERM;
    v.vmFlags |= VM_LOCKED;
  }
  if ((v.vmFlags & VM_LOCKED) !== 0 && isErr(lockFits(mm, t, pages))) return EAGAIN;
  if ((flags & MAP_NORESERVE) !== 0 && honoursNoReserve(mm)) v.vmFlags |= VM_NORESERVE;
  else if (v.isData) v.vmFlags |= VM_ACCOUNT;
  else if (v.isShared && (flags & MAP_ANONYMOUS) !== 0 && !commitFits(mm, t, pages)) return ENOMEM;    // promised by the object: attachFile
  const grows = checkGrowth(mm, t, v, pages);
  // What MAP_FIXED replaces counts no more: only worth the look when the limit is near.
  return isErr(grows) && replaces(mm, v) > 0 && mayExpand(mm, t, pages - replaces(mm, v), 'other') && commitFits(mm, t, pages) ? 0 : grows;
}

function replaces(mm: AddressSpace, v: Vma): number {
  let pages = 0;
  for (let w = mm.list.after(v.start); w !== null && w.start < v.end; w = w.next) {
    pages += (Math.min(w.end, v.end) - Math.max(w.start, v.start)) / PAGE_SIZE;
  }
  return pages;
}

/** The file says which pages are behind it; shared anonymous memory gets an object of its own. */
function attachFile(t: Task, v: Vma, q: MapRequest): 0 | Errno {
  if (q.file === null) {
    if (v.isShared) v.pages = new ShmemCache(v.mm.frames, null, v.length, null, (v.vmFlags & VM_NORESERVE) !== 0 ? 'as used' : 'at once');
    return 0;
  }
  v.offset = q.offset;
  v.file = q.file;
  const r = q.file.mmap(t, v);
  if (isErr(r)) return r;
  q.file.get();
  if (v.pages === null || v.pages.inode === null) v.offset = 0;
  return 0;
}
