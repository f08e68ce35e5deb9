// A cursor over user ranges: where read() puts its bytes and write() takes them from. One object serves all transfers of the current task.
import { BLOCKED, type Errno, isErr } from '../../abi/errno.ts';
import { ACCESS_READ, ACCESS_WRITE, PAGE_SIZE } from '../../machine/machine.ts';
import { IoBuffer } from '../vfs/io-buffer.ts';
import type { UserMemory } from './user.ts';

export class UserBuffer extends IoBuffer {
  private readonly user: UserMemory;
  private readonly u8: Uint8Array;
  private readonly bases: number[] = [];
  private readonly lengths: number[] = [];
  private ranges = 0;
  /** Current range and position in it. */
  private range = 0;
  private at = 0;
  remaining = 0;
  done = 0;

  constructor(user: UserMemory, u8: Uint8Array) {
    super();
    this.user = user;
    this.u8 = u8;
  }

  reset(): void {
    this.ranges = this.range = this.at = this.remaining = this.done = 0;
  }

  add(base: number, length: number): void {
    this.bases[this.ranges] = base;
    this.lengths[this.ranges] = length;
    this.ranges++;
    this.remaining += length;
  }

  put(src: Uint8Array, offset: number, length: number): number | Errno {
    const wanted = Math.min(length, this.remaining);
    let moved = 0;
    while (moved < wanted) {
      const p = this.page(ACCESS_WRITE);
      if (p < 0) return this.stop(moved, p as Errno);
      const n = this.span(p, wanted - moved);
      const from = offset + moved;
      if (src === this.u8) src.copyWithin(p, from, from + n);
      else if (n > 32) this.u8.set(src.subarray(from, from + n), p);
      else for (let i = 0; i < n; i++) this.u8[p + i] = src[from + i]!;
      this.advance(n);
      moved += n;
    }
    return moved;
  }

  putZeros(length: number): number | Errno {
    const wanted = Math.min(length, this.remaining);
    let moved = 0;
    while (moved < wanted) {
      const p = this.page(ACCESS_WRITE);
      if (p < 0) return this.stop(moved, p as Errno);
      const n = this.span(p, wanted - moved);
      this.u8.fill(0, p, p + n);
      this.advance(n);
      moved += n;
    }
    return moved;
  }

  take(dst: Uint8Array, offset: number, length: number): number | Errno {
    const wanted = Math.min(length, this.remaining);
    let moved = 0;
    while (moved < wanted) {
      const p = this.page(ACCESS_READ);
      if (p < 0) return this.stop(moved, p as Errno);
      const n = this.span(p, wanted - moved);
      const to = offset + moved;
      if (dst === this.u8) dst.copyWithin(to, p, p + n);
      else if (n > 32) dst.set(this.u8.subarray(p, p + n), to);
      else for (let i = 0; i < n; i++) dst[to + i] = this.u8[p + i]!;
      this.advance(n);
      moved += n;
    }
    return moved;
  }

  rewind(n: number): void {
    this.done -= n;
    this.remaining += n;
    let back = n;
    while (back > this.at) {
      back -= this.at;
      this.range--;
      this.at = this.lengths[this.range]!;
    }
    this.at -= back;
  }

  skip(n: number): void {
    for (let left = n; left > 0;) {
      while (this.at === this.lengths[this.range]!) {
        this.range++;
        this.at = 0;
      }
      const step = Math.min(left, this.lengths[this.range]! - this.at);
      this.at += step;
      left -= step;
    }
    this.done += n;
    this.remaining -= n;
  }

  /** Parked: nothing of this step counts, it will be done again. Otherwise what was moved counts, and the fault only if nothing was. */
  private stop(moved: number, e: Errno): number | Errno {
    if (isErr(e) && e <= BLOCKED) {
      this.rewind(moved);
      return e;
    }
    return moved > 0 ? moved : e;
  }

  /** Physical address of the cursor; steps over empty ranges. */
  private page(access: typeof ACCESS_READ | typeof ACCESS_WRITE): number {
    while (this.at === this.lengths[this.range]!) {
      this.range++;
      this.at = 0;
    }
    return this.user.page(this.bases[this.range]! + this.at, access);
  }

  private span(p: number, wanted: number): number {
    return Math.min(wanted, PAGE_SIZE - (p & (PAGE_SIZE - 1)), this.lengths[this.range]! - this.at);
  }

  private advance(n: number): void {
    this.at += n;
    this.done += n;
    this.remaining -= n;
  }
}
