// Driver of the virtio file system device (virtio 1.2, 5.11): carries FUSE messages. Each request that is out has a slot: DMA memory for the request
// and the head of its reply; file pages travel in place.
import { type Errno, EAGAIN, EIO, isErr } from '../abi/errno.ts';
import { FuseOutHeader } from '../abi/fuse.ts';
import { type FuseExchange, type FusePages, FuseTransport } from '../kernel/device/fuse-transport.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { cString } from '../lib/utf8.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import { FS_QUEUE_HIPRIO, FS_QUEUE_REQUEST, FS_TAG_BYTES } from '../machine/registers.ts';
import type { VirtioMmio } from './core/virtio.ts';
import { VirtioDriverState } from './virtio/device.ts';
import type { VirtQueue } from './core/virtqueue.ts';

/** 8 KiB for a request, 8 KiB for a reply. */
const SLOT_ORDER = 2;
const HALF = 8192;
const MAX_SLOTS = 16;
const QUEUE_SIZE = 256;
const MAX_PAGES = 64;

/** Takes the device into service: the transport to mount from. */
export function startVirtioFs(device: PlatformDevice, virtio: VirtioMmio): VirtioFsTransport | Errno {
  const r = virtio.start(0);
  if (r !== 0) return r;
  const tag = cString(virtio.configBytes(0, FS_TAG_BYTES));
  const hiprio = virtio.queue(FS_QUEUE_HIPRIO, QUEUE_SIZE);
  if (isErr(hiprio)) return virtio.give(hiprio);
  const requests = virtio.queue(FS_QUEUE_REQUEST, QUEUE_SIZE);
  if (isErr(requests)) return virtio.give(requests);
  const transport = new VirtioFsTransport(tag, device, requests);
  device.connect(new VirtioFsState(virtio, transport));
  virtio.ready();
  return transport;
}

class VirtioFsState extends VirtioDriverState {
  private readonly transport: VirtioFsTransport;
  constructor(virtio: VirtioMmio, transport: VirtioFsTransport) {
    super(virtio);
    this.transport = transport;
  }
  protected override used(): void { this.transport.reap(); }
  override removed(): void {
    this.virtio.reset();
    this.transport.abort();
  }
}

interface Slot { readonly paddr: number; exchange: FuseExchange | null }
interface Backlogged { readonly request: Uint8Array }

export class VirtioFsTransport extends FuseTransport {
  override readonly tag: string;
  override readonly maxPages = MAX_PAGES;
  private readonly device: PlatformDevice;
  private readonly queue: VirtQueue;
  private readonly u8: Uint8Array;
  private isGone = false;
  private readonly slots: Slot[] = [];
  private readonly free: number[] = [];
  /** Requests without reply that found no slot. */
  private readonly backlog: Backlogged[] = [];

  constructor(tag: string, device: PlatformDevice, queue: VirtQueue) {
    super();
    this.tag = tag;
    this.device = device;
    this.queue = queue;
    this.u8 = device.kernel.machine.ram.u8;
  }

  override send(exchange: FuseExchange | null, request: Uint8Array, length: number, pages: FusePages | null, direction: 'in' | 'out'): 0 | Errno {
    if (length > HALF || this.isGone) return EIO;
    const parts = pages === null ? 0 : pages.pfns.length;
    const s = this.queue.freeCount < parts + 2 ? -1 : this.takeSlot();
    if (s < 0) {
      if (exchange !== null) return EAGAIN;
      this.backlog.push({ request: request.slice(0, length) });
      return 0;
    }
    const q = this.queue;
    const { paddr } = this.slots[s]!;
    this.slots[s]!.exchange = exchange;
    this.u8.set(request.subarray(0, length), paddr);
    q.add(paddr, length, 'out');
    if (pages !== null && direction === 'out') this.addPages(pages, 'out');
    // Behind the header of a READ reply come the pages.
    if (exchange !== null) q.add(paddr + HALF, pages !== null && direction === 'in' ? FuseOutHeader.size : Math.min(HALF, exchange.reply.length), 'in');
    if (pages !== null && direction === 'in') this.addPages(pages, 'in');
    q.submit(s);
    q.interrupts('off');
    q.notify();
    this.reap();
    q.interrupts('on');
    this.reap();
    return 0;
  }

  /** The device is gone: who waits gets EIO, and so does who comes. */
  abort(): void {
    this.isGone = true;
    for (const slot of this.slots) {
      const { exchange } = slot;
      slot.exchange = null;
      exchange?.finish(0);
    }
    this.waiters.wake();
  }

  /** Takes finished requests off the queue. */
  reap(): void {
    if (this.isGone) return;
    for (let s = this.queue.poll(); s >= 0; s = this.queue.poll()) {
      const slot = this.slots[s]!;
      const { exchange } = slot;
      slot.exchange = null;
      this.free.push(s);
      if (exchange === null) continue;
      const length = this.queue.usedLength;
      const at = slot.paddr + HALF;
      exchange.reply.set(this.u8.subarray(at, at + Math.min(length, exchange.reply.length)));
      exchange.finish(length);
    }
    if (this.free.length === 0) return;
    const waiting = this.backlog.shift();
    if (waiting !== undefined) this.send(null, waiting.request, waiting.request.length, null, 'out');
    this.waiters.wake();
  }

  /** Neighbouring frames share a descriptor. */
  private addPages({ pfns, offset, length }: FusePages, direction: 'in' | 'out'): void {
    let left = length, skip = offset;
    for (let i = 0; i < pfns.length && left > 0;) {
      let run = 1;
      while (i + run < pfns.length && pfns[i + run] === pfns[i]! + run) run++;
      const bytes = Math.min(left, run * PAGE_SIZE - skip);
      this.queue.add(pfns[i]! * PAGE_SIZE + skip, bytes, direction);
      left -= bytes;
      skip = 0;
      i += run;
    }
  }

  private takeSlot(): number {
    const free = this.free.pop();
    if (free !== undefined) return free;
    if (this.slots.length >= MAX_SLOTS) return -1;
    const paddr = this.device.allocDma(SLOT_ORDER);
    if (paddr < 0) return -1;
    this.slots.push({ paddr, exchange: null });
    return this.slots.length - 1;
  }
}
