// The driver's side of virtio over MMIO (virtio 1.2, 3.1 and 4.2): initialisation, features, configuration, interrupts.
import { type Errno, EIO, ENODEV } from '../../abi/errno.ts';
import { IrqHandler, type PlatformDevice } from '../../kernel/device/platform.ts';
import {
  F_EVENT_IDX, F_VERSION_1, MMIO_CONFIG, MMIO_DEVICE_FEATURES, MMIO_DEVICE_FEATURES_SEL, MMIO_DEVICE_ID, MMIO_DRIVER_FEATURES,
  MMIO_DRIVER_FEATURES_SEL, INTERRUPT_CONFIG, INTERRUPT_USED, MMIO_INTERRUPT_ACK, MMIO_INTERRUPT_STATUS, MMIO_MAGIC_VALUE, MMIO_STATUS, MMIO_VENDOR_ID, MMIO_VERSION,
  STATUS_ACKNOWLEDGE, STATUS_DRIVER, STATUS_DRIVER_OK, STATUS_FAILED, STATUS_FEATURES_OK, VIRTIO_MAGIC,
} from '../../machine/registers.ts';
import { VirtQueue } from './queue.ts';

/** What a device type's driver adds. */
export abstract class VirtioDriverState extends IrqHandler {
  readonly virtio: VirtioMmio;
  constructor(virtio: VirtioMmio) {
    super();
    this.virtio = virtio;
  }
  /** Some queue has used buffers: look at all of them. */
  protected abstract used(): void;
  protected configChanged(): void {}
  /** The device is taken away: users get errors from now on, nothing is sent to it any more. */
  removed(): void {}

  override irq(): void {
    const cause = this.virtio.device.read32(MMIO_INTERRUPT_STATUS);
    this.virtio.device.write32(MMIO_INTERRUPT_ACK, cause);
    if ((cause & INTERRUPT_USED) !== 0) this.used();
    if ((cause & INTERRUPT_CONFIG) !== 0) this.configChanged();
  }
}

export class VirtioMmio {
  readonly device: PlatformDevice;
  features = 0;
  constructor(device: PlatformDevice) { this.device = device; }

  /** The type of the device behind this window; 0: an empty slot, or not ours. */
  get id(): number {
    const { device } = this;
    return device.read32(MMIO_MAGIC_VALUE) === VIRTIO_MAGIC && device.read32(MMIO_VERSION) === 2 ? device.read32(MMIO_DEVICE_ID) : 0;
  }

  get vendor(): number { return this.device.read32(MMIO_VENDOR_ID); }

  /** Resets the device and agrees on features: all of `wanted` that it has. */
  start(wanted: number): 0 | Errno {
    const { device } = this;
    device.write32(MMIO_STATUS, 0);
    device.write32(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    device.write32(MMIO_DEVICE_FEATURES_SEL, 1);
    if ((device.read32(MMIO_DEVICE_FEATURES) & F_VERSION_1) === 0) return this.give(ENODEV);
    device.write32(MMIO_DEVICE_FEATURES_SEL, 0);
    this.features = device.read32(MMIO_DEVICE_FEATURES) & (wanted | F_EVENT_IDX);
    device.write32(MMIO_DRIVER_FEATURES_SEL, 0);
    device.write32(MMIO_DRIVER_FEATURES, this.features);
    device.write32(MMIO_DRIVER_FEATURES_SEL, 1);
    device.write32(MMIO_DRIVER_FEATURES, F_VERSION_1);
    device.write32(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    return (device.read32(MMIO_STATUS) & STATUS_FEATURES_OK) !== 0 ? 0 : this.give(EIO);
  }

  /** A queue of at most `size` entries; ENOMEM, ENODEV. */
  queue(index: number, size: number): VirtQueue | Errno { return VirtQueue.create(this, index, size); }

  /** After this the device touches no memory. */
  reset(): void { this.device.write32(MMIO_STATUS, 0); }

  /** All queues are set up: the device may work. */
  ready(): void { this.device.write32(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK); }

  /** Gives the device up with `error`. */
  give(error: Errno): Errno {
    this.device.write32(MMIO_STATUS, STATUS_FAILED);
    return error;
  }

  /** Bytes of configuration space; `count` a multiple of four. */
  configBytes(at: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) bytes[i] = this.device.read32(MMIO_CONFIG + at + (i & ~3)) >>> (8 * (i & 3));
    return bytes;
  }
  config32(at: number): number { return this.device.read32(MMIO_CONFIG + at); }
}
