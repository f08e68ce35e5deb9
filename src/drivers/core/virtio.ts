// The driver's side of virtio over MMIO (virtio 1.2, 3.1 and 4.2): initialisation, features, configuration, interrupts.
import { type Errno, EIO, ENODEV } from '../../abi/errno.ts';
import {
  F_EVENT_IDX, F_VERSION_1, INTERRUPT_CONFIG, INTERRUPT_USED, MMIO_CONFIG, MMIO_DEVICE_FEATURES, MMIO_DEVICE_FEATURES_SEL, MMIO_DEVICE_ID,
  MMIO_DRIVER_FEATURES, MMIO_DRIVER_FEATURES_SEL, MMIO_INTERRUPT_ACK, MMIO_INTERRUPT_STATUS, MMIO_MAGIC_VALUE, MMIO_STATUS, MMIO_VERSION,
  STATUS_ACKNOWLEDGE, STATUS_DRIVER, STATUS_DRIVER_OK, STATUS_FAILED, STATUS_FEATURES_OK, STATUS_NEEDS_RESET, VIRTIO_MAGIC,
} from '../../machine/registers.ts';
import { type DevicePort, DriverCore, type Registers } from './core.ts';
import { VirtQueue } from './virtqueue.ts';

/** The type of the virtio device behind a window; 0: an empty slot, or no virtio. */
export function virtioId(device: Registers): number {
  return device.read32(MMIO_MAGIC_VALUE) === VIRTIO_MAGIC && device.read32(MMIO_VERSION) === 2 ? device.read32(MMIO_DEVICE_ID) : 0;
}

/** What the core of a device type adds: `start` (negotiate, set up queues, `virtio.ready()`), `call`, and what it does with used buffers. */
export abstract class VirtioCore extends DriverCore {
  protected readonly virtio: VirtioMmio;
  constructor(port: DevicePort) {
    super(port);
    this.virtio = new VirtioMmio(port);
  }
  /** Some queue has used buffers: look at all of them. */
  protected abstract used(): void;
  protected configChanged(): void {}

  override irq(): void {
    const { port } = this;
    const cause = port.read32(MMIO_INTERRUPT_STATUS);
    port.write32(MMIO_INTERRUPT_ACK, cause);
    if ((cause & INTERRUPT_USED) !== 0) this.used();
    if ((cause & INTERRUPT_CONFIG) === 0) return;
    if ((port.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) !== 0) port.broken('the device asks for a reset');
    else this.configChanged();
  }

  override stop(): void { this.virtio.reset(); }
}

export class VirtioMmio {
  readonly port: DevicePort;
  features = 0;
  constructor(port: DevicePort) { this.port = port; }

  /** Resets the device and agrees on features: all of `wanted` that it has. */
  start(wanted: number): 0 | Errno {
    const { port } = this;
    port.write32(MMIO_STATUS, 0);
    port.write32(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    port.write32(MMIO_DEVICE_FEATURES_SEL, 1);
    if ((port.read32(MMIO_DEVICE_FEATURES) & F_VERSION_1) === 0) return this.give(ENODEV);
    port.write32(MMIO_DEVICE_FEATURES_SEL, 0);
    this.features = port.read32(MMIO_DEVICE_FEATURES) & (wanted | F_EVENT_IDX);
    port.write32(MMIO_DRIVER_FEATURES_SEL, 0);
    port.write32(MMIO_DRIVER_FEATURES, this.features);
    port.write32(MMIO_DRIVER_FEATURES_SEL, 1);
    port.write32(MMIO_DRIVER_FEATURES, F_VERSION_1);
    port.write32(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    return (port.read32(MMIO_STATUS) & STATUS_FEATURES_OK) !== 0 ? 0 : this.give(EIO);
  }

  /** A queue of at most `size` entries; ENOMEM, ENODEV. */
  queue(index: number, size: number): VirtQueue | Errno { return VirtQueue.create(this, index, size); }

  /** After this the device touches no memory. */
  reset(): void { this.port.write32(MMIO_STATUS, 0); }

  /** All queues are set up: the device may work. */
  ready(): void { this.port.write32(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK); }

  /** Gives the device up with `error`. */
  give(error: Errno): Errno {
    this.port.write32(MMIO_STATUS, STATUS_FAILED);
    return error;
  }

  /** Bytes of configuration space; `count` a multiple of four. */
  configBytes(at: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) bytes[i] = this.port.read32(MMIO_CONFIG + at + (i & ~3)) >>> (8 * (i & 3));
    return bytes;
  }
  config32(at: number): number { return this.port.read32(MMIO_CONFIG + at); }
}
