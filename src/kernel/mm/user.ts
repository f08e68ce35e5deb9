// User memory of the current task: the only way to touch it (house rule `user-pointers-are-allegations`). Every access goes through the active page
// tables with user permission and faults pages in. Results: 0, or EFAULT; BLOCKED while a page is on its way, ENOMEM when there is none.
import { type Errno, type Fallible, EFAULT, EINVAL, ENAMETOOLONG, isErr } from '../../abi/errno.ts';
import { PATH_MAX, UIO_MAXIOV } from '../../abi/limits.ts';
import { ACCESS_READ, ACCESS_WRITE, type Access, type Mmu, PAGE_SHIFT, PAGE_SIZE, type Ram } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { FRAME_CODE } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { TASK_SIZE } from './layout.ts';
import { UserBuffer } from './user-buffer.ts';

const TWO_32 = 4294967296;
/** A transfer moves at most this much (read(2): MAX_RW_COUNT). */
const MAX_RW_COUNT = 0x7fff_f000;

export class UserMemory {
  private readonly kernel: Kernel;
  private readonly ram: Ram;
  private readonly mmu: Mmu;
  private readonly frames: Frames;
  private readonly cursor: UserBuffer;
  /** Result of the last successful load. */
  value = 0;
  /** Words of the last loadU64 and loadI64. */
  lo = 0;
  hi = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.ram = kernel.machine.ram;
    this.mmu = kernel.hart.mmu;
    this.frames = kernel.frames;
    this.cursor = new UserBuffer(this, this.ram.u8);
  }

  // --- one value -----------------------------------------------------------------------------------------------------------------------

  loadU8(addr: number): 0 | Errno {
    const p = this.page(addr, ACCESS_READ);
    if (p < 0) return p as Errno;
    this.value = this.ram.u8[p]!;
    return 0;
  }

  loadU16(addr: number): 0 | Errno {
    const r = this.loadWord(addr, 2);
    this.value = this.lo & 0xffff;
    return r;
  }

  loadU32(addr: number): 0 | Errno {
    const r = this.loadWord(addr, 4);
    this.value = this.lo >>> 0;
    return r;
  }

  loadI32(addr: number): 0 | Errno {
    const r = this.loadWord(addr, 4);
    this.value = this.lo | 0;
    return r;
  }

  /** value = unsigned 64 bits as a number (exact below 2^53), lo and hi its words. */
  loadU64(addr: number): 0 | Errno {
    const r = this.loadPair(addr);
    this.value = (this.hi >>> 0) * TWO_32 + (this.lo >>> 0);
    return r;
  }

  /** value = signed 64 bits as a number, lo and hi its words. */
  loadI64(addr: number): 0 | Errno {
    const r = this.loadPair(addr);
    this.value = (this.hi | 0) * TWO_32 + (this.lo >>> 0);
    return r;
  }

  storeU8(addr: number, v: number): 0 | Errno {
    const p = this.page(addr, ACCESS_WRITE);
    if (p < 0) return p as Errno;
    this.ram.u8[p] = v;
    return 0;
  }

  storeU16(addr: number, v: number): 0 | Errno { return this.storeBytes(addr, v, 0, 2); }

  storeU32(addr: number, v: number): 0 | Errno {
    if ((addr & 3) !== 0) return this.storeBytes(addr, v, 0, 4);
    const p = this.page(addr, ACCESS_WRITE);
    if (p < 0) return p as Errno;
    this.ram.i32[p >>> 2] = v;
    return 0;
  }

  /** A number (may be negative) as 64 bits. */
  storeI64(addr: number, v: number): 0 | Errno { return this.storeWords(addr, v | 0, Math.floor(v / TWO_32)); }

  storeWords(addr: number, lo: number, hi: number): 0 | Errno {
    if ((addr & 7) !== 0) return this.storeBytes(addr, lo, hi, 8);
    const p = this.page(addr, ACCESS_WRITE);
    if (p < 0) return p as Errno;
    this.ram.i32[p >>> 2] = lo;
    this.ram.i32[(p >>> 2) + 1] = hi;
    return 0;
  }

  /** Compares and swaps a u32, with no other task in between: futex operations. The old value is in `value`. */
  cmpxchgU32(addr: number, expected: number, desired: number): 0 | Errno {
    if ((addr & 3) !== 0) return EINVAL;
    const p = this.page(addr, ACCESS_WRITE);
    if (p < 0) return p as Errno;
    const at = p >>> 2;
    this.value = this.ram.u32[at]!;
    if (this.value === expected >>> 0) this.ram.u32[at] = desired;
    return 0;
  }

  // --- ranges --------------------------------------------------------------------------------------------------------------------------

  /** All or nothing as far as the caller sees: EFAULT if any byte faults (earlier bytes may have been written). */
  copyIn(addr: number, to: Uint8Array, offset = 0, length = to.length - offset): 0 | Errno {
    const { u8 } = this.ram;
    let done = 0;
    while (done < length) {
      const p = this.page(addr + done, ACCESS_READ);
      if (p < 0) return p as Errno;
      const n = Math.min(length - done, PAGE_SIZE - (p & (PAGE_SIZE - 1)));
      if (n > 32) to.set(u8.subarray(p, p + n), offset + done);
      else for (let i = 0; i < n; i++) to[offset + done + i] = u8[p + i]!;
      done += n;
    }
    return 0;
  }

  copyOut(addr: number, from: Uint8Array, offset = 0, length = from.length - offset): 0 | Errno {
    const { u8 } = this.ram;
    let done = 0;
    while (done < length) {
      const p = this.page(addr + done, ACCESS_WRITE);
      if (p < 0) return p as Errno;
      const n = Math.min(length - done, PAGE_SIZE - (p & (PAGE_SIZE - 1)));
      if (n > 32) u8.set(from.subarray(offset + done, offset + done + n), p);
      else for (let i = 0; i < n; i++) u8[p + i] = from[offset + done + i]!;
      done += n;
    }
    return 0;
  }

  zero(addr: number, length: number): 0 | Errno {
    let done = 0;
    while (done < length) {
      const p = this.page(addr + done, ACCESS_WRITE);
      if (p < 0) return p as Errno;
      const n = Math.min(length - done, PAGE_SIZE - (p & (PAGE_SIZE - 1)));
      this.ram.u8.fill(0, p, p + n);
      done += n;
    }
    return 0;
  }

  /** A NUL-terminated string of at most `max` bytes including the NUL, as a binary string (one char per byte); `tooLong` if no NUL came. */
  string(addr: number, max: number, tooLong: Errno = ENAMETOOLONG): Fallible<string> {
    const { u8 } = this.ram;
    let text = '';
    let done = 0;
    while (done < max) {
      const p = this.page(addr + done, ACCESS_READ);
      if (p < 0) return p as Errno;
      const end = p + Math.min(max - done, PAGE_SIZE - (p & (PAGE_SIZE - 1)));
      let nul = p;
      while (nul < end && u8[nul] !== 0) nul++;
      text += latin1(u8, p, nul);
      if (nul < end) return text;
      done += end - p;
    }
    return tooLong;
  }

  /** A path: at most PATH_MAX bytes. */
  path(addr: number): Fallible<string> { return this.string(addr, PATH_MAX); }

  /** Transfer cursor over one range. Reused object: valid until the next call of buffer or vector. */
  buffer(addr: number, length: number): IoBuffer {
    this.cursor.reset();
    this.cursor.add(addr, Math.min(length, MAX_RW_COUNT));
    return this.cursor;
  }

  /** Transfer cursor over an iovec array (readv(2)): EINVAL for count > 1024 or a total above SSIZE_MAX, EFAULT. */
  vector(iov: number, count: number): Fallible<IoBuffer> {
    if (count < 0 || count > UIO_MAXIOV) return EINVAL;
    this.cursor.reset();
    let room = MAX_RW_COUNT;
    for (let i = 0; i < count; i++) {
      const r = this.loadU64(iov + 16 * i) || this.keepBase() || this.loadI64(iov + 16 * i + 8);
      if (isErr(r)) return r;
      if (this.value < 0) return EINVAL;
      if (this.base + this.value > TASK_SIZE) return EFAULT;
      const length = Math.min(this.value, room);
      room -= length;
      this.cursor.add(this.base, length);
    }
    return this.cursor;
  }

  /** Identity of a futex word: equal keys name the same word (futex(2)). Private: by address space; shared: by page cache and offset. */
  futexKey(addr: number, shared: 'private' | 'shared'): Fallible<string> {
    if ((addr & 3) !== 0) return EINVAL;
    if (!(addr >= 0 && addr < TASK_SIZE)) return EFAULT;
    const mm = this.kernel.current.mm!;
    const v = shared === 'shared' ? mm.findVma(addr) : null;
    if (v === null || v.pages === null || !v.isShared) return `${mm.rootPfn}:${addr}`;
    return `f${v.pages.id}:${v.offset + addr - v.start}`;
  }

  // --- the one gate ----------------------------------------------------------------------------------------------------------------------

  /** Physical address behind `addr`, good until the end of its page and until anything else is asked for; or EFAULT, BLOCKED, ENOMEM. Hot. */
  page(addr: number, access: Access): number {
    if (!(addr >= 0 && addr < TASK_SIZE)) return EFAULT;
    const p = this.mmu.translate(addr, access);
    if (p < 0) return this.fault(addr, access);
    if (access === ACCESS_WRITE && (this.frames.flags[p >>> PAGE_SHIFT]! & FRAME_CODE) !== 0) this.frames.wrote(p >>> PAGE_SHIFT);
    return p;
  }

  private fault(addr: number, access: Access): number {
    const t = this.kernel.current;
    for (let tries = 0; tries < 4; tries++) {
      const r = t.mm!.fault(t, addr, access);
      if (isErr(r)) return r;
      const p = this.mmu.translate(addr, access);
      if (p < 0) continue;
      if (access === ACCESS_WRITE) this.frames.wrote(p >>> PAGE_SHIFT);
      return p;
    }
    throw new Error(`page fault at 0x${addr.toString(16)} was resolved, yet it faults again`);
  }

  private base = 0;
  private keepBase(): 0 {
    this.base = this.value;
    return 0;
  }

  private loadPair(addr: number): 0 | Errno {
    if ((addr & 7) !== 0) return this.loadWord(addr, 8);
    const p = this.page(addr, ACCESS_READ);
    if (p < 0) return p as Errno;
    this.lo = this.ram.i32[p >>> 2]!;
    this.hi = this.ram.i32[(p >>> 2) + 1]!;
    return 0;
  }

  /** `size` bytes at any alignment, also across pages, into lo and hi. */
  private loadWord(addr: number, size: number): 0 | Errno {
    let p = this.page(addr, ACCESS_READ);
    if (p < 0) return p as Errno;
    if (size === 4 && (p & 3) === 0) {
      this.lo = this.ram.i32[p >>> 2]!;
      return 0;
    }
    let lo = 0, hi = 0;
    for (let i = 0; i < size; i++, p++) {
      if (i > 0 && (p & (PAGE_SIZE - 1)) === 0) {
        p = this.page(addr + i, ACCESS_READ);
        if (p < 0) return p as Errno;
      }
      if (i < 4) lo |= this.ram.u8[p]! << (8 * i);
      else hi |= this.ram.u8[p]! << (8 * (i - 4));
    }
    this.lo = lo;
    this.hi = hi;
    return 0;
  }

  /** Both pages are made writable before the first byte changes. */
  private storeBytes(addr: number, lo: number, hi: number, size: number): 0 | Errno {
    if ((addr & (PAGE_SIZE - 1)) > PAGE_SIZE - size) {
      const last = this.page(addr + size - 1, ACCESS_WRITE);
      if (last < 0) return last as Errno;
    }
    let p = this.page(addr, ACCESS_WRITE);
    if (p < 0) return p as Errno;
    for (let i = 0; i < size; i++, p++) {
      if (i > 0 && (p & (PAGE_SIZE - 1)) === 0) {
        p = this.page(addr + i, ACCESS_WRITE);
        if (p < 0) return p as Errno;
      }
      this.ram.u8[p] = i < 4 ? lo >>> (8 * i) : hi >>> (8 * (i - 4));
    }
    return 0;
  }
}

/** Bytes as a string of the same codes; in pieces that a call may have as arguments. */
function latin1(u8: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1024) text += String.fromCharCode.apply(null, u8.subarray(at, Math.min(end, at + 1024)) as unknown as number[]);
  return text;
}
