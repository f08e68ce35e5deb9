// Driver of the slot controller: tells the device manager which virtio-mmio window has got or lost its device.
import type { Errno } from '../abi/errno.ts';
import { Driver, IrqHandler, type PlatformDevice } from '../kernel/device/platform.ts';
import { SLOTS_CHANGED } from '../machine/registers.ts';

export class SlotsDriver extends Driver {
  override readonly name = 'kspace-slots';
  override readonly compatible = ['kspace,slots'];
  override probe(device: PlatformDevice): 0 | Errno {
    device.connect(new Slots(device));
    return 0;
  }
}

class Slots extends IrqHandler {
  private readonly device: PlatformDevice;
  private readonly bases: readonly number[];
  constructor(device: PlatformDevice) {
    super();
    this.device = device;
    this.bases = device.manager.devices.filter(d => d.node.strings('compatible').includes('virtio,mmio')).map(d => d.base);
  }

  /** The register names one changed slot, counted from 1, and forgets it. A number that is no slot ends the reading: the device is not trusted. */
  override irq(): void {
    for (let i = 0; i < 2 * this.bases.length; i++) {
      const base = this.bases[this.device.read32(SLOTS_CHANGED) - 1];
      if (base === undefined) return;
      this.device.manager.slotChanged(base);
    }
  }
}
