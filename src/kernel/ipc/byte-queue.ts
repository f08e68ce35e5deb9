// A bounded first-in first-out of bytes in one ring: what pipes and stream sockets keep between writer and reader. Grows as it is used, up to
// its capacity; bytes travel straight between ring and IoBuffer, so a transfer allocates nothing.
import { type Errno, ENOMEM } from '../../abi/errno.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import type { BufferBudget } from './buffer-budget.ts';

const FIRST_SIZE = 1024;
const EMPTY = new Uint8Array(0);

export class ByteQueue {
  capacity: number;
  length = 0;
  private bytes = EMPTY;
  private head = 0;
  private readonly budget: BufferBudget;

  constructor(budget: BufferBudget, capacity: number) {
    this.budget = budget;
    this.capacity = capacity;
  }

  get free(): number { return Math.max(0, this.capacity - this.length); }

  /** Appends up to `n` bytes (at most `free`) out of `io`. Bytes taken, short at a fault; EFAULT or ENOMEM if there was none. */
  fill(io: IoBuffer, n: number): number | Errno {
    if (this.length + n > this.bytes.length && !this.grow(this.length + n)) return ENOMEM;
    const size = this.bytes.length;
    let tail = this.head + this.length;
    if (tail >= size) tail -= size;
    const first = Math.min(n, size - tail);
    const a = io.take(this.bytes, tail, first);
    if (a < 0) return a;
    this.length += a;
    if (a < first || first === n) return a;
    const b = io.take(this.bytes, 0, n - first);
    if (b < 0) return a;
    this.length += b;
    return a + b;
  }

  /** Moves up to `n` of the oldest bytes to `io`: bytes consumed, short at a fault. */
  drain(io: IoBuffer, n: number): number | Errno {
    const moved = this.peek(io, n, 0);
    if (moved > 0) this.skip(moved);
    return moved;
  }

  /** Copies up to `n` bytes, from `from` bytes behind the oldest on, and keeps them. */
  peek(io: IoBuffer, n: number, from: number): number | Errno {
    const want = Math.min(n, this.length - from);
    if (want <= 0) return 0;
    const size = this.bytes.length;
    let at = this.head + from;
    if (at >= size) at -= size;
    const first = Math.min(want, size - at);
    const a = io.put(this.bytes, at, first);
    if (a < 0 || a < first || first === want) return a;
    const b = io.put(this.bytes, 0, want - first);
    return b < 0 ? a : a + b;
  }

  /** Takes back the `n` newest bytes. */
  retract(n: number): void { this.length -= n; }

  /** Forgets the `n` oldest bytes. */
  skip(n: number): void {
    this.length -= n;
    this.head = this.length === 0 ? 0 : (this.head + n) % this.bytes.length;
  }

  clear(): void {
    this.length = 0;
    this.head = 0;
    this.budget.release(this.bytes.length);
    this.bytes = EMPTY;
  }

  private grow(need: number): boolean {
    const size = Math.max(need, Math.min(this.capacity, Math.max(FIRST_SIZE, this.bytes.length * 2)));
    if (!this.budget.charge(size - this.bytes.length)) return false;
    const bigger = new Uint8Array(size);
    const first = Math.min(this.length, this.bytes.length - this.head);
    bigger.set(this.bytes.subarray(this.head, this.head + first));
    bigger.set(this.bytes.subarray(0, this.length - first), first);
    this.bytes = bigger;
    this.head = 0;
    return true;
  }
}
