// What a device has done with its queues, seen without the core: the link shows every register that the core writes, and the rings lie where it said. A
// front whose core has failed learns here what the device had finished and nobody had told.
import type { DmaMemory } from '../../machine/machine.ts';
import { MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_SEL } from '../../machine/registers.ts';

class Ring {
  used = 0;
  size = 0;
  /** Notifications, and used elements that somebody has told of. */
  notified = 0;
  told = 0;
}

export class QueueShadow {
  private readonly rings = new Map<number, Ring>();
  private selected = 0;

  /** The core has written a register. */
  written(offset: number, value: number): void {
    switch (offset) {
      case MMIO_QUEUE_SEL: this.selected = value; return;
      case MMIO_QUEUE_NUM: this.ring(this.selected).size = value; return;
      case MMIO_QUEUE_DEVICE_LOW: this.ring(this.selected).used = value; return;
      case MMIO_QUEUE_NOTIFY: this.ring(value).notified++; return;
      default:
    }
  }

  /** How often the device has been told to look into queue `index`. */
  notified(index: number): number { return this.ring(index).notified; }

  /** The core has told of a used element of queue `index`. */
  told(index: number): void { this.ring(index).told++; }

  /** The length of the used element that nobody has told of, of a queue that has one request out at most; -1: there is none. */
  untold(index: number, memory: DmaMemory): number {
    const { used, size, told } = this.ring(index);
    if (!(used > 0 && used % 4 === 0 && used + 6 + 8 * size <= memory.size) || (size & (size - 1)) !== 0 || size === 0) return -1;
    if (((memory.u16[(used + 2) >>> 1]! - told) & 0xffff) !== 1) return -1;
    return memory.u32[((used + 4) >>> 2) + 2 * (told & (size - 1)) + 1]!;
  }

  /** Another core begins. */
  clear(): void { this.rings.clear(); }

  private ring(index: number): Ring {
    let ring = this.rings.get(index);
    if (ring === undefined) this.rings.set(index, (ring = new Ring()));
    return ring;
  }
}
