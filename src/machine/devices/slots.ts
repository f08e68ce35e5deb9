// Slots: windows for virtio devices that may be empty, and the controller that says which of them has changed. Plugging a device in puts it behind a window;
// an empty window answers as virtio 1.2 (4.2.2.2) asks: device id 0.
import { MMIO_MAGIC_VALUE, MMIO_VERSION, SLOTS_CHANGED, VIRTIO_MAGIC } from '../registers.ts';
import type { IrqLine, MmioDevice } from './mmio-bus.ts';

/** A window: what is behind it may change. */
export class Slot implements MmioDevice {
  device: MmioDevice | null = null;
  read32(offset: number): number {
    if (this.device !== null) return this.device.read32(offset);
    return offset === MMIO_MAGIC_VALUE ? VIRTIO_MAGIC : offset === MMIO_VERSION ? 2 : 0;
  }
  write32(offset: number, value: number): void { this.device?.write32(offset, value); }
}

export class SlotController implements MmioDevice {
  readonly #irq: IrqLine;
  readonly #changed: number[] = [];
  constructor(irq: IrqLine) { this.#irq = irq; }

  /** Slot `index` has got or lost its device. */
  changed(index: number): void {
    if (!this.#changed.includes(index + 1)) this.#changed.push(index + 1);
    this.#irq.set(true);
  }

  /** What is there at power-on is no news. */
  powerOn(): void {
    this.#changed.length = 0;
    this.#irq.set(false);
  }

  read32(offset: number): number {
    if (offset !== SLOTS_CHANGED) return 0;
    const next = this.#changed.shift() ?? 0;
    if (this.#changed.length === 0) this.#irq.set(false);
    return next;
  }
  write32(): void {}
}
