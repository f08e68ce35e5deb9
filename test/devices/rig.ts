// A driver made of bare hands: it brings up any virtio device in a RAM of its own and puts requests into its queues, right or wrong ones. For tests of
// device models.
import type { MmioDevice } from '../../src/machine/devices/mmio-bus.ts';
import type { Ram } from '../../src/machine/machine.ts';
import {
  DESC_F_NEXT, DESC_F_WRITE, DESC_SIZE, F_VERSION_1, MMIO_DRIVER_FEATURES, MMIO_DRIVER_FEATURES_SEL, MMIO_QUEUE_DESC_LOW, MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_LOW,
  MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_NUM_MAX, MMIO_QUEUE_READY, MMIO_QUEUE_SEL, MMIO_STATUS,
} from '../../src/machine/registers.ts';

/** Entries of a queue, or fewer where the device has fewer; rings of queue q are at q * RING_BYTES + descriptor table, available ring, used ring. */
export const RIG_QUEUE_SIZE = 16;
export const RING_BYTES = 0x400, RINGS = 0x1000, AVAIL_AT = 0x100, USED_AT = 0x200;
/** Buffers are from here on. */
export const RIG_DATA = 0x8000;

export interface Part { readonly addr: number; readonly length: number; readonly writes: boolean }

export function newRam(size: number): Ram {
  const b = new ArrayBuffer(size);
  return { size, firstFreePfn: 1, u8: new Uint8Array(b), u16: new Uint16Array(b), i32: new Int32Array(b), u32: new Uint32Array(b), f64: new Float64Array(b) };
}

export class Rig {
  readonly ram: Ram;
  readonly device: MmioDevice;
  readonly queues: number;
  private readonly avail: Uint16Array;
  private readonly seen: Uint16Array;
  private readonly free: Uint16Array;
  /** Entries of each queue. */
  readonly sizes: number[] = [];

  constructor(ram: Ram, device: MmioDevice, queues: number) {
    this.ram = ram;
    this.device = device;
    this.queues = queues;
    this.avail = new Uint16Array(queues);
    this.seen = new Uint16Array(queues);
    this.free = new Uint16Array(queues);
  }

  /** Resets the device and takes it into service with these features. */
  start(features: number): void {
    const w = (at: number, value: number): void => this.device.write32(at, value);
    w(MMIO_STATUS, 0);
    w(MMIO_STATUS, 3);
    w(MMIO_DRIVER_FEATURES_SEL, 0);
    w(MMIO_DRIVER_FEATURES, features);
    w(MMIO_DRIVER_FEATURES_SEL, 1);
    w(MMIO_DRIVER_FEATURES, F_VERSION_1);
    w(MMIO_STATUS, 11);
    for (let q = 0; q < this.queues; q++) {
      this.ram.u8.fill(0, this.ring(q), this.ring(q) + RING_BYTES);
      w(MMIO_QUEUE_SEL, q);
      const size = Math.min(RIG_QUEUE_SIZE, this.device.read32(MMIO_QUEUE_NUM_MAX));
      this.sizes[q] = size;
      w(MMIO_QUEUE_NUM, size);
      w(MMIO_QUEUE_DESC_LOW, this.ring(q));
      w(MMIO_QUEUE_DRIVER_LOW, this.ring(q) + AVAIL_AT);
      w(MMIO_QUEUE_DEVICE_LOW, this.ring(q) + USED_AT);
      w(MMIO_QUEUE_READY, 1);
    }
    this.avail.fill(0);
    this.seen.fill(0);
    this.free.fill(0);
    w(MMIO_STATUS, 15);
  }

  ring(q: number): number { return RINGS + q * RING_BYTES; }

  /** Puts a request of these parts into queue q; its head. */
  post(q: number, parts: readonly Part[]): number {
    const size = this.sizes[q]!;
    const head = this.free[q]! % size;
    parts.forEach((p, i) => {
      const isLast = i === parts.length - 1;
      this.describe(q, (head + i) % size, p.addr, p.length, (p.writes ? DESC_F_WRITE : 0) | (isLast ? 0 : DESC_F_NEXT), (head + i + 1) % size);
    });
    this.free[q] = (head + parts.length) % size;
    this.offer(q, head);
    return head;
  }

  describe(q: number, index: number, addr: number, length: number, flags: number, next: number): void {
    const at = this.ring(q) + index * DESC_SIZE;
    this.ram.u32.set([addr >>> 0, Math.floor(addr / 2 ** 32), length], at >>> 2);
    this.ram.u16.set([flags, next], (at >>> 1) + 6);
  }

  /** `head` becomes available; the index moves on by `steps`. */
  offer(q: number, head: number, steps = 1): void {
    const at = (this.ring(q) + AVAIL_AT) >>> 1;
    this.ram.u16[at + 2 + this.avail[q]! % this.sizes[q]!] = head;
    this.avail[q]! += steps;
    this.ram.u16[at + 1] = this.avail[q]!;
  }

  notify(q: number): void { this.device.write32(MMIO_QUEUE_NOTIFY, q); }

  /** Requests of queue q that are out. */
  out(q: number): number { return (this.avail[q]! - this.ram.u16[((this.ring(q) + USED_AT) >>> 1) + 1]!) & 0xffff; }

  /** The next used element, or null. */
  used(q: number): { readonly head: number; readonly length: number } | null {
    const at = this.ring(q) + USED_AT;
    if (this.ram.u16[(at >>> 1) + 1] === this.seen[q]) return null;
    const entry = (at + 4 + 8 * (this.seen[q]! % this.sizes[q]!)) >>> 2;
    this.seen[q]!++;
    return { head: this.ram.u32[entry]!, length: this.ram.u32[entry + 1]! };
  }
}
