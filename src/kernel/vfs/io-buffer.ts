// The memory side of a transfer: where read() puts and write() takes its bytes. Files see only this cursor, never a user address.
import { type Errno, EFAULT } from '../../abi/errno.ts';

/** A cursor over user iovecs (kernel/mm/user.ts: UserBuffer) or kernel bytes (KernelBuffer). */
export abstract class IoBuffer {
  /** Bytes not yet transferred. */
  abstract readonly remaining: number;
  /** Bytes transferred so far. */
  abstract readonly done: number;
  /** file -> memory: copies up to `length` bytes of `src` and advances. Returns the bytes copied (short at a fault), or EFAULT if none could be. */
  abstract put(src: Uint8Array, offset: number, length: number): number | Errno;
  /** memory -> file: copies up to `length` bytes into `dst` and advances. Same results as put. */
  abstract take(dst: Uint8Array, offset: number, length: number): number | Errno;
  /** Steps back `n` bytes (a file that took more than it could keep). */
  abstract rewind(n: number): void;
  /** Passes over `n` bytes that an earlier run of the call has moved. */
  abstract skip(n: number): void;
  /** file -> memory: `length` zero bytes (holes). */
  abstract putZeros(length: number): number | Errno;
}

/** Kernel memory as a transfer target or source: exec headers, sendfile, symlink bodies, core of splice. */
export class KernelBuffer extends IoBuffer {
  readonly bytes: Uint8Array;
  done = 0;
  constructor(bytes: Uint8Array) { super(); this.bytes = bytes; }
  get remaining(): number { return this.bytes.length - this.done; }
  put(src: Uint8Array, offset: number, length: number): number {
    const n = Math.min(length, this.remaining);
    this.bytes.set(src.subarray(offset, offset + n), this.done);
    this.done += n;
    return n;
  }
  take(dst: Uint8Array, offset: number, length: number): number {
    const n = Math.min(length, this.remaining);
    dst.set(this.bytes.subarray(this.done, this.done + n), offset);
    this.done += n;
    return n;
  }
  rewind(n: number): void { this.done -= n; }
  skip(n: number): void { this.done += n; }
  putZeros(length: number): number {
    const n = Math.min(length, this.remaining);
    this.bytes.fill(0, this.done, this.done + n);
    this.done += n;
    return n;
  }
}

/** The first `limit` bytes of another transfer. */
export class LimitedBuffer extends IoBuffer {
  readonly inner: IoBuffer;
  private left: number;
  done = 0;
  constructor(inner: IoBuffer, limit: number) {
    super();
    this.inner = inner;
    this.left = Math.min(limit, inner.remaining);
  }
  get remaining(): number { return this.left; }
  put(src: Uint8Array, offset: number, length: number): number | Errno { return this.moved(this.inner.put(src, offset, Math.min(length, this.left))); }
  take(dst: Uint8Array, offset: number, length: number): number | Errno { return this.moved(this.inner.take(dst, offset, Math.min(length, this.left))); }
  putZeros(length: number): number | Errno { return this.moved(this.inner.putZeros(Math.min(length, this.left))); }
  rewind(n: number): void {
    this.inner.rewind(n);
    this.moved(-n);
  }
  skip(n: number): void {
    this.inner.skip(n);
    this.moved(n);
  }
  private moved(n: number | Errno): number | Errno {
    if (n === EFAULT) return n;
    this.left -= n;
    this.done += n;
    return n;
  }
}
