// Front of the virtio file system device: the transport that FUSE mounts from. Requests are copied into slots of the core (core/virtio-fs.ts), file pages
// travel in place or through pages that the device sees. When a core fails, what may be asked twice is asked again; who wanted a change gets EIO, because
// nobody knows whether it was made.
import { EAGAIN, EIO, type Errno } from '../abi/errno.ts';
import { O_APPEND } from '../abi/fcntl.ts';
import {
  FUSE_ACCESS, FUSE_FLUSH, FUSE_FSYNC, FUSE_FSYNCDIR, FUSE_GETATTR, FUSE_GETXATTR, FUSE_INIT, FUSE_LISTXATTR, FUSE_LOOKUP, FUSE_LSEEK, FUSE_OPEN,
  FUSE_OPENDIR, FUSE_READ, FUSE_READDIR, FUSE_READDIRPLUS, FUSE_READLINK, FUSE_STATFS, FUSE_WRITE, FuseInHeader, FuseOutHeader, FuseWriteIn,
} from '../abi/fuse.ts';
import { type FuseExchange, type FusePages, FuseTransport } from '../kernel/device/fuse-transport.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { cString } from '../lib/utf8.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import { FS_TAG_BYTES } from '../machine/registers.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import { FS_DONE, FS_HALF, FS_IN, FS_OUT, FS_SLOT, FS_SLOTS, FS_SUBMIT, FS_TAG, VirtioFsCore } from './core/virtio-fs.ts';
import { DriverFront } from './placement/front.ts';
import { NO_CORE } from './placement/link.ts';

const MAX_PAGES = 64;
const NOTHING = new Uint8Array(0);
/** `unique` in fuse_in_header and in fuse_out_header. */
const UNIQUE_AT = 8;

/** Takes the device into service: the transport to mount from. */
export function startVirtioFs(device: PlatformDevice): VirtioFsTransport | Errno {
  const front = new VirtioFs(device);
  const r = front.link.start();
  if (r !== 0) return r;
  const { link } = front;
  if (link.call(FS_TAG, 0, 0, 0, 0) < 0) return EIO;
  front.transport = new VirtioFsTransport(front, cString(Uint8Array.from(link.args.subarray(0, FS_TAG_BYTES))));
  return front.transport;
}

export class VirtioFsTransport extends FuseTransport {
  override readonly tag: string;
  override readonly maxPages = MAX_PAGES;
  private readonly front: VirtioFs;
  constructor(front: VirtioFs, tag: string) {
    super();
    this.front = front;
    this.tag = tag;
  }
  override send(exchange: FuseExchange | null, request: Uint8Array, length: number, pages: FusePages | null, direction: 'in' | 'out'): 0 | Errno {
    return this.front.send(exchange, request, length, pages, direction);
  }
}

/** A request that is out. */
class Slot {
  isOut = false;
  exchange: FuseExchange | null = null;
  /** DMA address of its memory; -1: not known (any more). */
  at = -1;
  /** The request, kept once it is clear that it was not answered at once. */
  request = NOTHING;
  length = 0;
  /** The low half of its `unique`: what a reply must repeat. */
  unique = 0;
  direction = FS_OUT;
  /** Data: where it is in RAM, how long, and where the device sees it. */
  readonly paddrs: number[] = [];
  readonly lengths: number[] = [];
  readonly addrs: number[] = [];
}

class VirtioFs extends DriverFront {
  override readonly name = 'virtio-fs';
  transport: VirtioFsTransport | null = null;
  private readonly slots: readonly Slot[] = Array.from({ length: FS_SLOTS }, () => new Slot());
  private readonly free: number[] = Array.from({ length: FS_SLOTS }, (_, i) => FS_SLOTS - 1 - i);
  /** Requests without reply that found no slot. */
  private readonly backlog: Uint8Array[] = [];

  override createCore(port: DevicePort): DriverCore { return new VirtioFsCore(port); }

  send(exchange: FuseExchange | null, request: Uint8Array, length: number, pages: FusePages | null, direction: 'in' | 'out'): 0 | Errno {
    const { link } = this;
    if (length > FS_HALF || link.state === 'ended') return EIO;
    const index = link.state === 'up' ? this.free.pop() : undefined;
    if (index === undefined) return this.later(exchange, request, length);
    const slot = this.slots[index]!;
    slot.isOut = true;
    slot.exchange = exchange;
    slot.length = length;
    slot.direction = direction === 'in' ? FS_IN : FS_OUT;
    if (pages !== null) gather(slot, pages);
    const r = this.submit(index, slot, request);
    if (r === EAGAIN) {
      this.release(index, slot, 0);
      return this.later(exchange, request, length);
    }
    if (slot.isOut) slot.request = request.slice(0, length);
    return 0;
  }

  private later(exchange: FuseExchange | null, request: Uint8Array, length: number): 0 | Errno {
    if (exchange !== null) return EAGAIN;
    this.backlog.push(request.slice(0, length));
    return 0;
  }

  /** 0, EAGAIN: no room anywhere, NO_CORE: it failed, now or before. */
  private submit(index: number, slot: Slot, request: Uint8Array): number {
    const { link } = this;
    if (slot.at < 0) {
      const at = link.call(FS_SLOT, index, 0, 0, 0);
      if (at === NO_CORE) return NO_CORE;
      if (!(at >= 0 && at + 2 * FS_HALF <= link.memory.size)) return EAGAIN;
      slot.at = at;
    }
    link.memory.u8.set(slot.length === request.length ? request : request.subarray(0, slot.length), slot.at);
    slot.unique = link.memory.u32[(slot.at + UNIQUE_AT) >>> 2]!;
    link.memory.u32[(slot.at + FS_HALF + UNIQUE_AT) >>> 2] = ~slot.unique;
    if (!this.map(slot)) return EAGAIN;
    const { exchange } = slot;
    const head = slot.direction === FS_IN && slot.paddrs.length > 0 ? FuseOutHeader.size : Math.min(FS_HALF, exchange?.reply.length ?? 0);
    return link.call(FS_SUBMIT, index, slot.length, exchange === null ? 0 : head, slot.direction);
  }

  override event(kind: number, index: number, length: number): void {
    const slot = kind === FS_DONE ? this.slots[index] : undefined;
    if (slot?.isOut !== true) return;
    const { exchange, at } = slot;
    if (exchange !== null) {
      const { u32 } = this.link.memory, head = (at + FS_HALF) >>> 2;
      if (length < FuseOutHeader.size || u32[head] !== length) return this.link.broken('a reply that is not as long as it says');
      if (u32[head + (UNIQUE_AT >>> 2)] !== slot.unique) return this.link.broken('a reply to something else');
    }
    const data = slot.direction === FS_IN ? total(slot.lengths) : 0;
    const valid = Math.min(length >= 0 ? length : 0, (data > 0 ? FuseOutHeader.size : FS_HALF) + data);
    if (exchange !== null) exchange.reply.set(this.link.memory.u8.subarray(at + FS_HALF, at + FS_HALF + Math.min(valid, exchange.reply.length, FS_HALF)));
    this.release(index, slot, data > 0 ? Math.max(0, valid - FuseOutHeader.size) : 0);
    exchange?.finish(valid);
    this.goOn();
  }

  // --- failure -------------------------------------------------------------------------------------------------------------------------

  override restarted(): 0 | Errno {
    for (const [index, slot] of this.slots.entries()) {
      slot.at = -1;
      slot.addrs.length = 0;
      if (!slot.isOut || this.link.state !== 'up') continue;
      if (!mayRepeat(slot.request) || this.submit(index, slot, slot.request) === EAGAIN) this.fail(index, slot);
    }
    this.goOn();
    return 0;
  }

  /** A reply without a header: EIO. */
  private fail(index: number, slot: Slot): void {
    const { exchange } = slot;
    this.release(index, slot, 0);
    exchange?.finish(0);
  }

  override gone(): void {
    for (const [index, slot] of this.slots.entries()) if (slot.isOut) this.fail(index, slot);
    this.backlog.length = 0;
    this.transport?.waiters.wake();
  }

  // --- slots ---------------------------------------------------------------------------------------------------------------------------

  /** There may be room again. */
  private goOn(): void {
    while (this.backlog.length > 0 && this.free.length > 0 && this.link.state === 'up') {
      const request = this.backlog.shift()!;
      const waiting = this.backlog.length;
      this.send(null, request, request.length, null, 'out');
      if (this.backlog.length > waiting) break;
    }
    this.transport?.waiters.wake();
  }

  private map(slot: Slot): boolean {
    const { link } = this;
    const { args } = link;
    const { paddrs, lengths, addrs } = slot;
    for (let i = 0; i < paddrs.length; i++) {
      const addr = link.map(paddrs[i]!, lengths[i]!, slot.direction === FS_IN ? 'in' : 'out');
      if (addr < 0) return false;
      addrs.push(addr);
      args[1 + 2 * i] = addr;
      args[2 + 2 * i] = lengths[i]!;
    }
    args[0] = paddrs.length;
    return true;
  }

  /** The slot is free; `valid` bytes of its data count. */
  private release(index: number, slot: Slot, valid: number): void {
    const { paddrs, lengths, addrs } = slot;
    for (let i = 0, left = valid; i < addrs.length; i++) {
      this.link.unmap(addrs[i]!, lengths[i]!, paddrs[i]!, Math.min(left, lengths[i]!));
      left = Math.max(0, left - lengths[i]!);
    }
    paddrs.length = lengths.length = addrs.length = 0;
    slot.isOut = false;
    slot.exchange = null;
    slot.request = NOTHING;
    this.free.push(index);
  }
}

/** Frames as parts of a request; neighbours are one. */
function gather(slot: Slot, { pfns, offset, length }: FusePages): void {
  let left = length, skip = offset;
  for (let i = 0; i < pfns.length && left > 0;) {
    let run = 1;
    while (i + run < pfns.length && pfns[i + run] === pfns[i]! + run) run++;
    const bytes = Math.min(left, run * PAGE_SIZE - skip);
    slot.paddrs.push(pfns[i]! * PAGE_SIZE + skip);
    slot.lengths.push(bytes);
    left -= bytes;
    skip = 0;
    i += run;
  }
}

function total(lengths: readonly number[]): number {
  let n = 0;
  for (let i = 0; i < lengths.length; i++) n += lengths[i]!;
  return n;
}

/** Requests whose second answer is as good as the first. A handle or a reference too many on the server's side harms nobody. */
const REPEATABLE: ReadonlySet<number> = new Set([
  FUSE_LOOKUP, FUSE_GETATTR, FUSE_READLINK, FUSE_OPEN, FUSE_READ, FUSE_WRITE, FUSE_STATFS, FUSE_FSYNC, FUSE_GETXATTR, FUSE_LISTXATTR, FUSE_FLUSH, FUSE_INIT,
  FUSE_OPENDIR, FUSE_READDIR, FUSE_FSYNCDIR, FUSE_ACCESS, FUSE_READDIRPLUS, FUSE_LSEEK,
]);

function mayRepeat(request: Uint8Array): boolean {
  const { opcode } = FuseInHeader.view(request);
  return REPEATABLE.has(opcode) && (opcode !== FUSE_WRITE || (FuseWriteIn.view(request.subarray(FuseInHeader.size)).flags & O_APPEND) === 0);
}
