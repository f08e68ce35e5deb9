// ioctl_userfaultfd(2): what a monitor asks of the memory it watches: registration, pages put in place, write protection, waking.
import { type Errno, EAGAIN, EBUSY, EEXIST, EFAULT, EINVAL, ENOENT, ENOMEM, EPERM, ERESTARTSYS, ESRCH, isErr } from '../../abi/errno.ts';
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import { PROT_WRITE } from '../../abi/mman.ts';
import * as abi from '../../abi/userfaultfd.ts';
import { PAGE_SIZE, PTE_D, PTE_W } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import { isolate } from './advise.ts';
import { install } from './fault.ts';
import { KIND_ANON, KIND_SHMEM } from './frame-kinds.ts';
import { MMAP_MIN_ADDR, TASK_SIZE, vpnOf } from './layout.ts';
import { isPresent } from './page-table.ts';
import type { Userfaultfd } from './uffd.ts';
import { mergeAround } from './unmap.ts';
import { VM_UFFD, VM_UFFD_MISSING, VM_UFFD_WP, type Vma } from './vma.ts';

const FEATURES = abi.UFFD_FEATURE_PAGEFAULT_FLAG_WP | abi.UFFD_FEATURE_EVENT_FORK | abi.UFFD_FEATURE_EVENT_REMAP | abi.UFFD_FEATURE_EVENT_REMOVE
  | abi.UFFD_FEATURE_EVENT_UNMAP | abi.UFFD_FEATURE_MISSING_SHMEM | abi.UFFD_FEATURE_SIGBUS | abi.UFFD_FEATURE_THREAD_ID | abi.UFFD_FEATURE_EXACT_ADDRESS;
/** Offered for a registered range; WRITEPROTECT only with that mode. */
const RANGE_IOCTLS = 1 << abi._UFFDIO_WAKE | 1 << abi._UFFDIO_COPY | 1 << abi._UFFDIO_ZEROPAGE;

const api = abi.UffdioApi.view();
const range = abi.UffdioRange.view();
const register = abi.UffdioRegister.view();
const copy = abi.UffdioCopy.view();
const zeropage = abi.UffdioZeropage.view();
const protect = abi.UffdioWriteprotect.view();
const COPY_RESULT = abi.UffdioCopy.offsets.copy, ZEROPAGE_RESULT = abi.UffdioZeropage.offsets.zeropage;

export function uffdIoctl(u: Userfaultfd, t: Task, cmd: number, arg: number): number | Errno {
  if (cmd === abi.UFFDIO_API) return agree(u, t, arg);
  if (u.features < 0) return EINVAL;
  switch (cmd) {
    case abi.UFFDIO_REGISTER: return registerRange(u, t, arg);
    case abi.UFFDIO_UNREGISTER: return unregisterRange(u, t, arg);
    case abi.UFFDIO_WAKE: return wakeRange(u, t, arg);
    case abi.UFFDIO_COPY: return copyPages(u, t, arg);
    case abi.UFFDIO_ZEROPAGE: return zeroPages(u, t, arg);
    case abi.UFFDIO_WRITEPROTECT: return protectPages(u, t, arg);
    default: return EINVAL;
  }
}

/** UFFDIO_API: what cannot be granted is answered with zeros. */
function agree(u: Userfaultfd, t: Task, arg: number): 0 | Errno {
  const e = t.user.copyIn(arg, api.bytes);
  if (isErr(e)) return e;
  const asked = api.features_lo >>> 0;
  let r: 0 | Errno = 0;
  if (api.api !== abi.UFFD_API || api.features_hi !== 0 || (asked & ~FEATURES) !== 0) r = EINVAL;
  else if ((asked & abi.UFFD_FEATURE_EVENT_FORK) !== 0 && !t.cred.has(CAP_SYS_PTRACE)) r = EPERM;
  else if (u.features >= 0) r = EINVAL;
  if (isErr(r)) api.zero();
  else {
    api.features_lo = FEATURES;
    api.features_hi = 0;
    api.ioctls_lo = 1 << abi._UFFDIO_REGISTER | 1 << abi._UFFDIO_UNREGISTER;
    api.ioctls_hi = 1 << (abi._UFFDIO_API - 32);
  }
  const told = t.user.copyOut(arg, api.bytes);
  if (isErr(told)) return told;
  if (r === 0) u.features = asked;
  return r;
}

function isRange(start: number, length: number): boolean {
  return start % PAGE_SIZE === 0 && length % PAGE_SIZE === 0 && length > 0 && start >= MMAP_MIN_ADDR && start < TASK_SIZE && length <= TASK_SIZE - start;
}

function registerRange(u: Userfaultfd, t: Task, arg: number): 0 | Errno {
  const e = t.user.copyIn(arg, register.bytes);
  if (isErr(e)) return e;
  const { mode } = register;
  const { start, len } = register.range;
  if (mode < 1 || mode > (abi.UFFDIO_REGISTER_MODE_MISSING | abi.UFFDIO_REGISTER_MODE_WP) || !isRange(start, len)) return EINVAL;
  const { mm } = u;
  if (mm.users === 0) return ESRCH;
  const end = start + len;
  const first = mm.list.after(start);
  if (first === null) return ENOMEM;
  if (first.start >= end) return EINVAL;
  for (let v: Vma | null = first; v !== null && v.start < end; v = v.next) {
    if (v.pages !== null && v.pages.kind !== KIND_SHMEM) return EINVAL;
    if ((v.maxProt & PROT_WRITE) === 0) return EPERM;
    if (v.uffd !== null && v.uffd !== u) return EBUSY;
  }
  const bits = ((mode & abi.UFFDIO_REGISTER_MODE_MISSING) !== 0 ? VM_UFFD_MISSING : 0) | ((mode & abi.UFFDIO_REGISTER_MODE_WP) !== 0 ? VM_UFFD_WP : 0);
  const r = eachPart(u, start, end, v => {
    v.uffd = u;
    v.vmFlags = (v.vmFlags & ~VM_UFFD) | bits;
  }, v => v.uffd !== u || (v.vmFlags & VM_UFFD) !== bits);
  if (isErr(r)) return r;
  register.ioctls_lo = RANGE_IOCTLS | ((bits & VM_UFFD_WP) !== 0 ? 1 << abi._UFFDIO_WRITEPROTECT : 0);
  register.ioctls_hi = 0;
  return t.user.copyOut(arg, register.bytes);
}

function unregisterRange(u: Userfaultfd, t: Task, arg: number): 0 | Errno {
  const e = t.user.copyIn(arg, range.bytes);
  if (isErr(e)) return e;
  const { start, len } = range;
  if (!isRange(start, len)) return EINVAL;
  const { mm } = u;
  if (mm.users === 0) return ESRCH;
  const first = mm.list.after(start);
  if (first === null) return ENOMEM;
  if (first.start >= start + len) return EINVAL;
  mm.forgetWriteProtection(start, start + len);
  const r = eachPart(u, start, start + len, v => {
    v.uffd = null;
    v.vmFlags &= ~VM_UFFD;
  }, v => v.uffd === u);
  u.wake(start, start + len);
  return r;
}

/** Changes the mappings of a range, each cut out first if it reaches beyond; they may be joined with their neighbours afterwards. */
function eachPart(u: Userfaultfd, start: number, end: number, change: (v: Vma) => void, wants: (v: Vma) => boolean): 0 | Errno {
  const { mm } = u;
  for (let v = mm.list.after(start); v !== null && v.start < end; v = mm.list.after(v.end)) {
    if (!wants(v)) continue;
    const part = isolate(mm, v, Math.max(start, v.start), Math.min(end, v.end));
    if (isErr(part)) return part;
    change(part);
    v = part;
  }
  mergeAround(mm, start, end);
  return 0;
}

function wakeRange(u: Userfaultfd, t: Task, arg: number): 0 | Errno {
  const e = t.user.copyIn(arg, range.bytes);
  if (isErr(e)) return e;
  if (!isRange(range.start, range.len)) return EINVAL;
  u.wake(range.start, range.start + range.len);
  return 0;
}

// --- pages ------------------------------------------------------------------------------------------------------------------------------------

function copyPages(u: Userfaultfd, t: Task, arg: number): 0 | Errno {
  const e = t.user.copyIn(arg, copy.bytes);
  if (isErr(e)) return e;
  const { dst, src, len, mode } = copy;
  if (u.isChanging) return report(t, arg + COPY_RESULT, EAGAIN, len);
  if (!isRange(dst, len) || src + len > 2 ** 64 || mode > (abi.UFFDIO_COPY_MODE_DONTWAKE | abi.UFFDIO_COPY_MODE_WP)) return EINVAL;
  if (u.mm.users === 0) return ESRCH;
  const isProtected = (mode & abi.UFFDIO_COPY_MODE_WP) !== 0;
  const done = fill(u, t, dst, len, src, isProtected ? 'write-protected' : 'writable');
  if (done > 0 && (mode & abi.UFFDIO_COPY_MODE_DONTWAKE) === 0) u.wake(dst, dst + done);
  return report(t, arg + COPY_RESULT, done, len);
}

function zeroPages(u: Userfaultfd, t: Task, arg: number): 0 | Errno {
  const e = t.user.copyIn(arg, zeropage.bytes);
  if (isErr(e)) return e;
  const { mode } = zeropage;
  const { start, len } = zeropage.range;
  if (u.isChanging) return report(t, arg + ZEROPAGE_RESULT, EAGAIN, len);
  if (!isRange(start, len) || mode > abi.UFFDIO_ZEROPAGE_MODE_DONTWAKE) return EINVAL;
  if (u.mm.users === 0) return ESRCH;
  const done = fill(u, t, start, len, -1, 'writable');
  if (done > 0 && mode === 0) u.wake(start, start + done);
  return report(t, arg + ZEROPAGE_RESULT, done, len);
}

/** The result field holds bytes or the error; a part is EAGAIN. */
function report(t: Task, at: number, done: number | Errno, wanted: number): 0 | Errno {
  if (isErr(done) && done <= ERESTARTSYS) return done;      // parked, or a signal: all of it again
  const r = t.user.storeI64(at, done);
  if (isErr(r)) return r;
  if (isErr(done)) return done;
  return done === wanted ? 0 : EAGAIN;
}

/** Pages from `src` (-1: zeros) for [dst, dst + length), which lies in one watched mapping; bytes, or the error if there were none. */
function fill(u: Userfaultfd, t: Task, dst: number, length: number, src: number, how: 'writable' | 'write-protected'): number | Errno {
  const v = u.mm.list.find(dst);
  if (v === null || v.uffd === null || dst + length > v.end) return ENOENT;
  if (how === 'write-protected' && (v.vmFlags & VM_UFFD_WP) === 0) return EINVAL;
  const bytes = new Uint8Array(PAGE_SIZE);
  for (let done = 0; done < length; done += PAGE_SIZE) {
    const r = (src < 0 ? 0 : t.user.copyIn(src + done, bytes)) || putPage(u, t, v, dst + done, src < 0 ? null : bytes, how);
    if (isErr(r) && done === 0) return r;
    if (isErr(r)) {
      t.unpark();                 // what is there is there: the caller comes again for the rest
      return done;
    }
  }
  return length;
}

/** One page; `bytes` null: zeros. EEXIST: there is one. */
function putPage(u: Userfaultfd, t: Task, v: Vma, addr: number, bytes: Uint8Array | null, how: 'writable' | 'write-protected'): 0 | Errno {
  const { mm } = u;
  const vpn = vpnOf(addr);
  if (mm.table.read(vpn) !== 0) return EEXIST;
  if (v.isShared && v.pages !== null) {
    const index = v.indexOf(addr);
    if (index * PAGE_SIZE >= v.pages.size) return EFAULT;
    if (v.pages.has(index)) return EEXIST;
    const n = v.pages.write(t, new KernelBuffer(bytes ?? new Uint8Array(PAGE_SIZE)), index * PAGE_SIZE);
    if (isErr(n)) return n;
    if (how === 'write-protected') mm.markWriteProtected(vpn);
    return 0;                     // mapped by the fault that is tried again
  }
  if (bytes === null) return install(mm, v, vpn, mm.frames.zeroPfn, v.pteFlags() & ~PTE_W);
  const pfn = mm.frames.allocRaw(KIND_ANON);
  if (pfn < 0) return ENOMEM;
  mm.frames.ram.u8.set(bytes, pfn * PAGE_SIZE);
  v.hasAnon = true;
  if (how === 'write-protected') mm.markWriteProtected(vpn);
  return install(mm, v, vpn, pfn, (how === 'writable' ? v.pteFlags() : v.pteFlags() & ~PTE_W) | PTE_D);
}

/** UFFDIO_WRITEPROTECT. Protection is taken back lazily: the next store finds no mark and gets its page writable. */
function protectPages(u: Userfaultfd, t: Task, arg: number): 0 | Errno {
  const e = t.user.copyIn(arg, protect.bytes);
  if (isErr(e)) return e;
  const { mode } = protect;
  const { start, len } = protect.range;
  if (u.isChanging) return EAGAIN;
  if (!isRange(start, len) || mode >= (abi.UFFDIO_WRITEPROTECT_MODE_WP | abi.UFFDIO_WRITEPROTECT_MODE_DONTWAKE)) return EINVAL;
  const { mm } = u;
  if (mm.users === 0) return ESRCH;
  const end = start + len;
  let at = start;
  for (let v = mm.list.find(start); at < end; v = v.next) {
    if (v === null || v.start > at || (v.vmFlags & VM_UFFD_WP) === 0) return ENOENT;
    at = v.end;
  }
  if ((mode & abi.UFFDIO_WRITEPROTECT_MODE_WP) !== 0) mark(u, start, end);
  else mm.forgetWriteProtection(start, end);
  if (mode === 0) u.wake(start, end);
  return 0;
}

/** Pages that are there: in the table, or (of shared memory) in the object. */
function mark(u: Userfaultfd, start: number, end: number): void {
  const { mm } = u;
  const { u32 } = mm.frames.ram;
  for (let addr = start; addr < end; addr += PAGE_SIZE) {
    const vpn = vpnOf(addr);
    const at = mm.table.walk(vpn);
    const pte = at < 0 ? 0 : u32[at]!;
    const v = mm.list.find(addr)!;
    if (pte === 0 && (v.pages === null || !v.isShared)) continue;
    mm.markWriteProtected(vpn);
    if (isPresent(pte)) u32[at] = pte & ~PTE_W;
  }
  mm.hart.mmu.flushRange(mm.rootPfn, start, end);
}
