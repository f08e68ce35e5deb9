// The driver's side of a split virtqueue (virtio 1.2, 2.7). The device is not trusted: a used element must name a request that is out, and may not
// claim more bytes than the request had room for. Requests that were answered before `notify` returns need no interrupt.
import { type Errno, ENODEV, ENOMEM } from '../../abi/errno.ts';
import { type DmaMemory, PAGE_SIZE } from '../../machine/machine.ts';
import {
  AVAIL_F_NO_INTERRUPT, DESC_F_INDIRECT, DESC_F_NEXT, DESC_F_WRITE, DESC_SIZE, F_EVENT_IDX, MMIO_QUEUE_DESC_HIGH, MMIO_QUEUE_DESC_LOW, MMIO_QUEUE_DEVICE_HIGH,
  MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_HIGH, MMIO_QUEUE_DRIVER_LOW, MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_NUM_MAX, MMIO_QUEUE_READY,
  MMIO_QUEUE_SEL,
} from '../../machine/registers.ts';
import type { Registers } from './core.ts';
import type { VirtioMmio } from './virtio.ts';

const NONE = 0xffff;

export class VirtQueue {
  private readonly device: Registers;
  private readonly ram: DmaMemory;
  readonly index: number;
  readonly size: number;
  private readonly desc: number;
  private readonly avail: number;
  private readonly used: number;
  private readonly eventIdx: boolean;
  /** Links of free descriptors and of chains that are out: our own copy, the device could scribble over the one in RAM. */
  private readonly next: Uint16Array;
  /** First free descriptor. */
  private free = 0;
  private unused: number;
  private lastUsed = 0;
  private availIdx = 0;
  /** Chain under construction. */
  private head = NONE;
  private tail = NONE;
  /** Per head: writable bytes of the request that is out; -1: none is. */
  private readonly room: Float64Array;
  /** Per head: the caller's mark. */
  private readonly token: Int32Array;
  /** Of the last element that `poll` took: bytes written. */
  usedLength = 0;
  /** Elements that made no sense. */
  badUsed = 0;

  static create(virtio: VirtioMmio, index: number, wanted: number): VirtQueue | Errno {
    const { port: device } = virtio;
    device.write32(MMIO_QUEUE_SEL, index);
    const size = Math.min(wanted, device.read32(MMIO_QUEUE_NUM_MAX));
    if (size === 0 || device.read32(MMIO_QUEUE_READY) !== 0) return ENODEV;
    const bytes = usedOffset(size) + 6 + 8 * size;
    const order = Math.max(0, Math.ceil(Math.log2(bytes / PAGE_SIZE)));
    const at = device.allocDma(order);
    if (at < 0) return ENOMEM;
    const q = new VirtQueue(virtio, index, size, at);
    q.enable();
    return q;
  }

  private constructor(virtio: VirtioMmio, index: number, size: number, at: number) {
    this.device = virtio.port;
    this.ram = virtio.port.memory;
    this.index = index;
    this.size = size;
    this.desc = at;
    this.avail = at + size * DESC_SIZE;
    this.used = at + usedOffset(size);
    this.eventIdx = (virtio.features & F_EVENT_IDX) !== 0;
    this.unused = size;
    this.room = new Float64Array(size).fill(-1);
    this.token = new Int32Array(size);
    this.next = Uint16Array.from({ length: size }, (_, i) => (i + 1 < size ? i + 1 : NONE));
    this.interrupts('on');
  }

  get freeCount(): number { return this.unused; }

  // --- requests ------------------------------------------------------------------------------------------------------------------------

  /** Adds a part to the request under construction: all 'out' (device reads) before all 'in' (device writes). Check freeCount before. */
  add(paddr: number, length: number, direction: 'out' | 'in'): void {
    const { u16, u32 } = this.ram;
    const i = this.free;
    const at = this.desc + i * DESC_SIZE;
    this.free = this.next[i]!;
    this.next[i] = NONE;
    this.unused--;
    u32[at >>> 2] = paddr;
    u32[(at + 4) >>> 2] = 0;
    u32[(at + 8) >>> 2] = length;
    u16[(at + 12) >>> 1] = direction === 'in' ? DESC_F_WRITE : 0;
    if (this.head === NONE) {
      this.head = i;
      this.room[i] = 0;
    } else {
      const tail = this.desc + this.tail * DESC_SIZE;
      u16[(tail + 12) >>> 1]! |= DESC_F_NEXT;
      u16[(tail + 14) >>> 1] = i;
      this.next[this.tail] = i;
    }
    this.tail = i;
    if (direction === 'in') this.room[this.head]! += length;
  }

  /** The whole request is a table of `count` descriptors at `paddr` (VIRTIO_F_INDIRECT_DESC, 2.7.5.3) with `room` writable bytes. */
  addTable(paddr: number, count: number, room: number): void {
    this.add(paddr, count * DESC_SIZE, 'out');
    this.ram.u16[(this.desc + this.head * DESC_SIZE + 12) >>> 1] = DESC_F_INDIRECT;
    this.room[this.head] = room;
  }

  /** The request goes to the device, which hears of it at `notify`. `token` comes back from `poll`. */
  submit(token: number): void {
    const { u16 } = this.ram;
    const head = this.head;
    this.token[head] = token;
    u16[(this.avail + 4 + 2 * (this.availIdx & (this.size - 1))) >>> 1] = head;
    this.availIdx = (this.availIdx + 1) & 0xffff;
    u16[(this.avail + 2) >>> 1] = this.availIdx;
    this.head = this.tail = NONE;
  }

  notify(): void { this.device.write32(MMIO_QUEUE_NOTIFY, this.index); }

  /** The token of a finished request, `usedLength` bytes were written into it; -1: none. */
  poll(): number {
    const { u16, u32 } = this.ram;
    const index = u16[(this.used + 2) >>> 1]!;
    if (((index - this.lastUsed) & 0xffff) > this.size) {
      this.badUsed++;
      this.lastUsed = index;
    }
    while (this.lastUsed !== index) {
      const at = (this.used + 4 + 8 * (this.lastUsed & (this.size - 1))) >>> 2;
      const head = u32[at]!, length = u32[at + 1]!;
      this.lastUsed = (this.lastUsed + 1) & 0xffff;
      if (this.wantInterrupts) this.setUsedEvent(this.lastUsed);
      if (head >= this.size || this.room[head]! < 0) { this.badUsed++; continue; }
      this.usedLength = Math.min(length, this.room[head]!);
      this.room[head] = -1;
      this.release(head);
      return this.token[head]!;
    }
    return -1;
  }

  // --- interrupts ----------------------------------------------------------------------------------------------------------------------

  private wantInterrupts = true;

  /** 'off': used buffers are looked for by hand. After 'on', poll once more: something may have been used in between. */
  interrupts(want: 'on' | 'off'): void {
    this.wantInterrupts = want === 'on';
    if (this.eventIdx) this.setUsedEvent(want === 'on' ? this.lastUsed : (this.lastUsed - 1) & 0xffff);
    else this.ram.u16[this.avail >>> 1] = want === 'on' ? 0 : AVAIL_F_NO_INTERRUPT;
  }

  private setUsedEvent(index: number): void {
    if (this.eventIdx) this.ram.u16[(this.avail + 4 + 2 * this.size) >>> 1] = index;
  }

  private release(head: number): void {
    let last = head, count = 1;
    for (; this.next[last] !== NONE; count++) last = this.next[last]!;
    this.next[last] = this.free;
    this.free = head;
    this.unused += count;
  }

  private enable(): void {
    const { device } = this;
    device.write32(MMIO_QUEUE_NUM, this.size);
    device.write32(MMIO_QUEUE_DESC_LOW, this.desc);
    device.write32(MMIO_QUEUE_DESC_HIGH, 0);
    device.write32(MMIO_QUEUE_DRIVER_LOW, this.avail);
    device.write32(MMIO_QUEUE_DRIVER_HIGH, 0);
    device.write32(MMIO_QUEUE_DEVICE_LOW, this.used);
    device.write32(MMIO_QUEUE_DEVICE_HIGH, 0);
    device.write32(MMIO_QUEUE_READY, 1);
  }
}

/** Descriptors, available ring, used ring in a row; the used ring is aligned to 4. */
const usedOffset = (size: number): number => Math.ceil((size * DESC_SIZE + 6 + 2 * size) / 4) * 4;
