// madvise(2): what a program says about its memory. Flags of mappings, pages given up, pages wanted.
import { type Errno, type Fallible, EACCES, EBADF, EINVAL, ENOMEM, EFAULT, EPERM, isErr } from '../../abi/errno.ts';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '../../abi/fcntl.ts';
import { CAP_FOWNER } from '../../abi/capability.ts';
import * as mman from '../../abi/mman.ts';
import { ACCESS_READ, ACCESS_WRITE, PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { count } from './account.ts';
import { cool } from './cold.ts';
import type { AddressSpace } from './address-space.ts';
import { TASK_SIZE, pageUp } from './layout.ts';
import { populate } from './populate.ts';
import { mergeAround, splitAt, zapPages } from './unmap.ts';
import {
  VM_DONTDUMP, VM_DONTFORK, VM_HUGEPAGE, VM_LOCKED, VM_NOHUGEPAGE, VM_RAND_READ, VM_SEALED, VM_SEQ_READ, VM_WIPEONFORK, type Vma,
} from './vma.ts';

/** Advice that only changes flags: [set, clear]. */
const FLAG_CHANGES: Readonly<Record<number, readonly [number, number]>> = {
  [mman.MADV_NORMAL]: [0, VM_RAND_READ | VM_SEQ_READ],
  [mman.MADV_RANDOM]: [VM_RAND_READ, VM_SEQ_READ],
  [mman.MADV_SEQUENTIAL]: [VM_SEQ_READ, VM_RAND_READ],
  [mman.MADV_DONTFORK]: [VM_DONTFORK, 0],
  [mman.MADV_DOFORK]: [0, VM_DONTFORK],
  [mman.MADV_WIPEONFORK]: [VM_WIPEONFORK, 0],
  [mman.MADV_KEEPONFORK]: [0, VM_WIPEONFORK],
  [mman.MADV_DONTDUMP]: [VM_DONTDUMP, 0],
  [mman.MADV_DODUMP]: [0, VM_DONTDUMP],
  [mman.MADV_HUGEPAGE]: [VM_HUGEPAGE, VM_NOHUGEPAGE],
  [mman.MADV_NOHUGEPAGE]: [VM_NOHUGEPAGE, VM_HUGEPAGE],
};
/** Advice about pages. MADV_MERGEABLE (KSM) and MADV_HWPOISON (memory failure) are not among it: Linux without these parts answers EINVAL. */
const PAGE_ADVICE: readonly number[] = [
  mman.MADV_WILLNEED, mman.MADV_DONTNEED, mman.MADV_DONTNEED_LOCKED, mman.MADV_FREE, mman.MADV_REMOVE, mman.MADV_COLD, mman.MADV_PAGEOUT,
  mman.MADV_POPULATE_READ, mman.MADV_POPULATE_WRITE,
];

export function advise(mm: AddressSpace, t: Task, start: number, length: number, advice: number): 0 | Errno {
  if (FLAG_CHANGES[advice] === undefined && !PAGE_ADVICE.includes(advice)) return EINVAL;
  if (start % PAGE_SIZE !== 0) return EINVAL;
  const end = start + pageUp(length);
  if (end > 2 ** 64) return EINVAL;
  if (end === start) return 0;
  if (advice === mman.MADV_POPULATE_READ || advice === mman.MADV_POPULATE_WRITE) return populateAdvised(mm, t, start, end, advice);
  return eachMapping(mm, start, end, (v, from, to) => adviseOne(mm, t, v, from, to, advice));
}

/** Runs over the mapped parts; ENOMEM at the end if there were gaps, as madvise, mlock and msync report it. */
export function eachMapping(mm: AddressSpace, start: number, last: number, visit: (v: Vma, start: number, end: number) => 0 | Errno): 0 | Errno {
  const end = Math.min(last, TASK_SIZE);       // behind it nothing can be mapped
  let at = start;
  let hadGap = end < last;
  while (at < end) {
    const v = mm.list.after(at);
    if (v === null || v.start >= end) {
      hadGap = true;
      break;
    }
    if (v.start > at) hadGap = true;
    const to = Math.min(end, v.end);
    const r = visit(v, Math.max(at, v.start), to);
    if (isErr(r)) return r;
    at = to;
  }
  return hadGap ? ENOMEM : 0;
}

/** Other VM_* flags for a part of a mapping. */
export function changeFlags(mm: AddressSpace, v: Vma, start: number, end: number, set: number, clear: number): 0 | Errno {
  const flags = (v.vmFlags | set) & ~clear;
  if (flags === v.vmFlags) return 0;
  const part = isolate(mm, v, start, end);
  if (isErr(part)) return part;
  count(mm, part, -1);
  part.vmFlags = flags;
  count(mm, part, 1);
  mergeAround(mm, start, end);
  return 0;
}

/** PR_SET_VMA_ANON_NAME (prctl(2)): names anonymous memory in /proc/PID/maps. */
export function nameMapping(mm: AddressSpace, start: number, length: number, name: string): 0 | Errno {
  if (start % PAGE_SIZE !== 0) return EINVAL;
  return eachMapping(mm, start, start + pageUp(length), (v, from, to) => {
    if (v.file !== null || v.name.startsWith('[vdso')) return EBADF;
    const part = isolate(mm, v, from, to);
    if (isErr(part)) return part;
    part.name = name === '' ? '' : v.pages === null ? `[anon:${name}]` : `[anon_shmem:${name}]`;
    mergeAround(mm, from, to);
    return 0;
  });
}

/** [start, end) of `v` as a mapping of its own; ENOMEM if that would be one mapping too many. */
export function isolate(mm: AddressSpace, v: Vma, start: number, end: number): Fallible<Vma> {
  if (mm.list.count + Number(start > v.start) + Number(end < v.end) > mm.frames.maxMapCount) return ENOMEM;
  splitAt(mm, start);
  splitAt(mm, end);
  return mm.list.find(start)!;
}

/** Advice that takes contents away; mseal(2) forbids it where the program could not have written zeros itself. */
const DISCARDS: readonly number[] = [
  mman.MADV_FREE, mman.MADV_DONTNEED, mman.MADV_DONTNEED_LOCKED, mman.MADV_REMOVE, mman.MADV_DONTFORK, mman.MADV_WIPEONFORK,
];

/** Advice that a userfaultfd hears of. */
const TAKES_PAGES: readonly number[] = [mman.MADV_FREE, mman.MADV_DONTNEED, mman.MADV_DONTNEED_LOCKED, mman.MADV_REMOVE];

function adviseOne(mm: AddressSpace, t: Task, v: Vma, start: number, end: number, advice: number): 0 | Errno {
  if ((v.vmFlags & VM_SEALED) !== 0 && !v.isShared && (v.prot & mman.PROT_WRITE) === 0 && DISCARDS.includes(advice)) return EPERM;
  const change = FLAG_CHANGES[advice];
  if (change !== undefined) {
    if (advice === mman.MADV_WIPEONFORK && (v.file !== null || v.isShared)) return EINVAL;
    return changeFlags(mm, v, start, end, change[0], change[1]);
  }
  const isLocked = (v.vmFlags & VM_LOCKED) !== 0;
  if (v.uffd !== null && !isLocked && TAKES_PAGES.includes(advice)) v.uffd.removed(start, end);
  switch (advice) {
    case mman.MADV_FREE:
      if (!v.isAnonymous || isLocked) return EINVAL;
      zapPages(mm, start, end);                      // "may be freed at any time": that time is now
      return 0;
    case mman.MADV_DONTNEED:
      if (isLocked) return EINVAL;
      zapPages(mm, start, end);
      return 0;
    case mman.MADV_DONTNEED_LOCKED:
      zapPages(mm, start, end);
      return 0;
    case mman.MADV_REMOVE: return isLocked ? EINVAL : remove(t, v, start, end);
    case mman.MADV_WILLNEED: return willNeed(mm, t, v, start, end);
    default:
      if (isLocked) return EINVAL;
      if (advice === mman.MADV_COLD || mayKnowPages(t, v)) cool(mm, start, end, advice === mman.MADV_COLD ? 'cold' : 'out');
      return 0;
  }
}

/** Whether a page of a file is in memory tells who uses it: only who could write to the file may know, or send it away (Linux: can_do_mincore, can_do_pageout). */
export const mayKnowPages = (t: Task, v: Vma): boolean => v.file === null || v.file.isWritable || t.cred.fsuid === v.file.inode.uid || t.cred.has(CAP_FOWNER);

/** Punches a hole into what is mapped shared and writable. */
function remove(t: Task, v: Vma, start: number, end: number): 0 | Errno {
  if (v.pages === null) return EINVAL;
  if (!v.isShared || (v.maxProt & mman.PROT_WRITE) === 0) return EACCES;
  const offset = v.offset + (start - v.start);
  if (v.file !== null) return v.file.fallocate(t, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, end - start);
  v.pages.punchHole(offset, offset + (end - start));
  return 0;
}

/** Maps what is cached; what must be fetched comes with the first use. */
function willNeed(mm: AddressSpace, t: Task, v: Vma, start: number, end: number): 0 {
  if (v.pages !== null && (v.prot & mman.PROT_READ) !== 0) populate(mm, t, start, end, 'what is at hand', ACCESS_READ);
  return 0;
}

function populateAdvised(mm: AddressSpace, t: Task, start: number, end: number, advice: number): 0 | Errno {
  const access = advice === mman.MADV_POPULATE_WRITE ? ACCESS_WRITE : ACCESS_READ;
  const need = access === ACCESS_WRITE ? mman.PROT_WRITE : mman.PROT_READ | mman.PROT_WRITE;
  return eachMapping(mm, start, end, (v, from, to) => {
    if ((v.prot & need) === 0) return EINVAL;
    const r = populate(mm, t, from, to, 'all', access);
    return isErr(r) && r !== EFAULT ? r : r === 0 ? 0 : EFAULT;
  });
}
