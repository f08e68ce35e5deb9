// Drivers of virtio devices that are not split into core and front: the console and the file system.
import { IrqHandler, type PlatformDevice } from '../../kernel/device/platform.ts';
import type { DmaMemory } from '../../machine/machine.ts';
import { INTERRUPT_CONFIG, INTERRUPT_USED, MMIO_INTERRUPT_ACK, MMIO_INTERRUPT_STATUS } from '../../machine/registers.ts';
import type { DevicePort } from '../core/core.ts';
import { VirtioMmio } from '../core/virtio.ts';

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
    const { port } = this.virtio;
    const cause = port.read32(MMIO_INTERRUPT_STATUS);
    port.write32(MMIO_INTERRUPT_ACK, cause);
    if ((cause & INTERRUPT_USED) !== 0) this.used();
    if ((cause & INTERRUPT_CONFIG) !== 0) this.configChanged();
  }
}

/** The device as a core's port, without events. */
export const wholeDriver = (device: PlatformDevice): VirtioMmio => new VirtioMmio(new WholePort(device));

class WholePort implements DevicePort {
  readonly memory: DmaMemory;
  readonly args = new Float64Array(0);
  private readonly device: PlatformDevice;
  constructor(device: PlatformDevice) {
    this.device = device;
    this.memory = device.kernel.machine.ram;
  }
  read32(offset: number): number { return this.device.read32(offset); }
  write32(offset: number, value: number): void { this.device.write32(offset, value); }
  allocDma(order: number): number { return this.device.allocDma(order); }
  log(text: string): void { this.device.log(text); }
  event(): void {}
  broken(why: string): void { this.device.log(why); }
}
