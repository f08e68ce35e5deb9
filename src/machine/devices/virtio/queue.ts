// The device's side of a split virtqueue (virtio 1.2, 2.7). The driver is not trusted: whatever it wrote is checked before it is used, and what
// is wrong (indexes, loops, addresses outside RAM, descriptors out of order) breaks the queue until the next reset.
import type { Ram } from '../../machine.ts';
import {
  AVAIL_F_NO_INTERRUPT, DESC_F_INDIRECT, DESC_F_NEXT, DESC_F_WRITE, DESC_SIZE, passedEvent,
} from '../../registers.ts';

/** One request: parts the device reads, then parts it writes. A reusable record; `pop` fills it. */
export class Chain {
  head = -1;
  readonly readAddr: number[] = [];
  readonly readLength: number[] = [];
  readonly writeAddr: number[] = [];
  readonly writeLength: number[] = [];
  /** Bytes in all readable and in all writable parts. */
  readBytes = 0;
  writeBytes = 0;

  reset(head: number): void {
    this.head = head;
    this.readAddr.length = this.readLength.length = this.writeAddr.length = this.writeLength.length = 0;
    this.readBytes = this.writeBytes = 0;
  }

  /** Copies the first readable bytes, as many as `into` takes: how many there were. */
  copyFrom(ram: Ram, into: Uint8Array): number {
    let done = 0;
    for (let i = 0; i < this.readAddr.length && done < into.length; i++) {
      const n = Math.min(this.readLength[i]!, into.length - done);
      into.set(ram.u8.subarray(this.readAddr[i]!, this.readAddr[i]! + n), done);
      done += n;
    }
    return done;
  }

  /** Spreads `bytes` over the writable parts, from byte `at` of them on: how many fitted. */
  copyTo(ram: Ram, bytes: Uint8Array, at = 0): number {
    let skip = at, done = 0;
    for (let i = 0; i < this.writeAddr.length && done < bytes.length; i++) {
      const length = this.writeLength[i]!;
      if (skip >= length) { skip -= length; continue; }
      const n = Math.min(length - skip, bytes.length - done);
      ram.u8.set(bytes.subarray(done, done + n), this.writeAddr[i]! + skip);
      done += n;
      skip = 0;
    }
    return done;
  }
}

export class DeviceQueue {
  readonly #ram: Ram;
  readonly maxSize: number;
  size: number;
  ready = false;
  /** The driver broke the rules; nothing is touched until it resets the device. */
  broken = false;
  /** Physical addresses of descriptor table, available ring and used ring. */
  desc = 0;
  avail = 0;
  used = 0;
  eventIdx = false;
  #lastAvail = 0;
  #usedIdx = 0;

  constructor(ram: Ram, maxSize: number) {
    this.#ram = ram;
    this.maxSize = maxSize;
    this.size = maxSize;
  }

  reset(): void {
    this.size = this.maxSize;
    this.ready = this.broken = this.eventIdx = false;
    this.desc = this.avail = this.used = 0;
    this.#lastAvail = this.#usedIdx = 0;
  }

  /** The driver says that the rings are set up. False if they cannot be where it says. */
  enable(): boolean {
    const { size } = this;
    const ok = size > 0 && size <= this.maxSize && (size & (size - 1)) === 0
      && this.desc % 16 === 0 && this.avail % 2 === 0 && this.used % 4 === 0
      && this.#inRam(this.desc, size * DESC_SIZE) && this.#inRam(this.avail, 6 + 2 * size) && this.#inRam(this.used, 6 + 8 * size);
    if (!ok) return false;
    this.ready = true;
    this.#lastAvail = this.#usedIdx = 0;
    return true;
  }

  get hasWork(): boolean {
    return this.ready && !this.broken && this.#ram.u16[(this.avail + 2) >>> 1] !== this.#lastAvail;
  }

  /** Takes the next request into `chain`. False: there is none, or the queue is broken now. */
  pop(chain: Chain): boolean {
    if (!this.peek(chain)) return false;
    this.take();
    return true;
  }

  /** Looks at the next request without taking it. */
  peek(chain: Chain): boolean {
    if (!this.hasWork) return false;
    const { u16 } = this.#ram;
    const waiting = (u16[(this.avail + 2) >>> 1]! - this.#lastAvail) & 0xffff;
    const head = u16[(this.avail + 4 + 2 * (this.#lastAvail & (this.size - 1))) >>> 1]!;
    chain.reset(head);
    if (waiting > this.size || !this.#walk(chain, this.desc, this.size, head, 'direct')) {
      this.broken = true;
      return false;
    }
    return true;
  }

  /** The request that `peek` showed is ours now. */
  take(): void {
    this.#lastAvail = (this.#lastAvail + 1) & 0xffff;
    // avail_event: always tell us of the next one (2.7.7.1).
    if (this.eventIdx) this.#ram.u16[(this.used + 4 + 8 * this.size) >>> 1] = this.#lastAvail;
  }

  /** Gives a request back with `written` bytes in its writable parts. True: the driver wants an interrupt. */
  push(head: number, written: number): boolean {
    const { u16, u32 } = this.#ram;
    const old = this.#usedIdx;
    const at = (this.used + 4 + 8 * (old & (this.size - 1))) >>> 2;
    u32[at] = head;
    u32[at + 1] = written;
    this.#usedIdx = (old + 1) & 0xffff;
    u16[(this.used + 2) >>> 1] = this.#usedIdx;
    if (this.eventIdx) return passedEvent(u16[(this.avail + 4 + 2 * this.size) >>> 1]!, this.#usedIdx, old);
    return (u16[this.avail >>> 1]! & AVAIL_F_NO_INTERRUPT) === 0;
  }

  #walk(chain: Chain, table: number, entries: number, first: number, kind: 'direct' | 'indirect'): boolean {
    const { u16, u32 } = this.#ram;
    let index = first;
    for (let steps = 0; ; steps++) {
      if (index >= entries || steps >= entries) return false;
      const at = table + index * DESC_SIZE;
      const addr = u32[(at + 4) >>> 2]! * 2 ** 32 + u32[at >>> 2]!, length = u32[(at + 8) >>> 2]!, flags = u16[(at + 12) >>> 1]!;
      if (!this.#inRam(addr, length)) return false;
      if ((flags & DESC_F_INDIRECT) !== 0) {
        const count = length / DESC_SIZE;
        if (kind === 'indirect' || (flags & DESC_F_NEXT) !== 0 || steps > 0 || count === 0 || count > 1024 || count % 1 !== 0 || addr % 16 !== 0) return false;
        return this.#walk(chain, addr, count, 0, 'indirect');
      }
      if (!addPart(chain, addr, length, flags)) return false;
      if ((flags & DESC_F_NEXT) === 0) return true;
      index = u16[(at + 14) >>> 1]!;
    }
  }

  #inRam(addr: number, length: number): boolean { return addr + length <= this.#ram.size; }
}

/** Writable parts come after all readable ones (2.7.4.2). */
function addPart(chain: Chain, addr: number, length: number, flags: number): boolean {
  if ((flags & DESC_F_WRITE) !== 0) {
    chain.writeAddr.push(addr);
    chain.writeLength.push(length);
    chain.writeBytes += length;
    return true;
  }
  if (chain.writeAddr.length > 0) return false;
  chain.readAddr.push(addr);
  chain.readLength.push(length);
  chain.readBytes += length;
  return true;
}
