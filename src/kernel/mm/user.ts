// CONTRACT (helper MM replaces the interface by a class): user memory of the current task, the only way to touch it.
// Every accessor walks the page tables with user permission and faults pages in; results: 0, or EFAULT (also BLOCKED/ENOMEM from the fault).
import type { Errno, Fallible } from '../../abi/errno.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';

export interface UserMemory {
  /** Result of the last successful load. */
  value: number;
  /** High word of the last loadU64 (value holds the low word then in `lo`). */
  lo: number; hi: number;
  loadU8(addr: number): 0 | Errno;
  loadU16(addr: number): 0 | Errno;
  loadU32(addr: number): 0 | Errno;
  loadI32(addr: number): 0 | Errno;
  /** value = unsigned 64-bit as a number (exact below 2^53), lo/hi = its words. */
  loadU64(addr: number): 0 | Errno;
  /** value = signed 64-bit as a number. */
  loadI64(addr: number): 0 | Errno;
  storeU8(addr: number, v: number): 0 | Errno;
  storeU16(addr: number, v: number): 0 | Errno;
  storeU32(addr: number, v: number): 0 | Errno;
  /** A number (may be negative) as 64 bits. */
  storeI64(addr: number, v: number): 0 | Errno;
  storeWords(addr: number, lo: number, hi: number): 0 | Errno;
  /** All or nothing as far as the caller sees: EFAULT if any byte faults (earlier bytes may have been written). */
  copyIn(addr: number, to: Uint8Array, offset?: number, length?: number): 0 | Errno;
  copyOut(addr: number, from: Uint8Array, offset?: number, length?: number): 0 | Errno;
  zero(addr: number, length: number): 0 | Errno;
  /** A NUL-terminated string of at most `max` bytes including the NUL, as a binary string (one char per byte); `tooLong` (default ENAMETOOLONG) if no NUL came. */
  string(addr: number, max: number, tooLong?: Errno): Fallible<string>;
  /** A path: up to PATH_MAX (4096). */
  path(addr: number): Fallible<string>;
  /** Transfer cursor over one range. Reused object: valid until the next call of buffer/vector. */
  buffer(addr: number, length: number): IoBuffer;
  /** Transfer cursor over an iovec array (readv(2)): EINVAL for count > 1024 or total > SSIZE_MAX, EFAULT. */
  vector(iov: number, count: number): Fallible<IoBuffer>;
  /** Atomically (no other task runs in between) compares and swaps a u32: for futex ops. Old value in `value`. */
  cmpxchgU32(addr: number, expected: number, desired: number): 0 | Errno;
  /** Identity of a futex word: equal keys name the same word. Private: by address space; shared: by page cache and offset. */
  futexKey(addr: number, shared: 'private' | 'shared'): Fallible<string>;
}
