// A core inside the kernel (monolithic): calls are calls, DMA addresses are physical addresses, data travels in place.
import type { Errno } from '../../abi/errno.ts';
import type { DmaMemory } from '../../machine/machine.ts';
import { ARG_WORDS, type DevicePort, type DriverCore } from '../core/core.ts';
import type { DriverFront } from './front.ts';
import { CoreLink } from './link.ts';

export class KernelLink extends CoreLink implements DevicePort {
  override readonly placement = 'kernel';
  override readonly args = new Float64Array(ARG_WORDS);
  override readonly memory: DmaMemory;
  private core: DriverCore | null = null;

  constructor(front: DriverFront) {
    super(front);
    this.memory = front.device.kernel.machine.ram;
  }

  override map(paddr: number): number { return paddr; }
  override unmap(): void {}

  protected override launch(): 0 | Errno {
    this.device.kernel.machine.iommu?.attach(this.device.base, this.memory);
    this.core = this.front.createCore(this);
    return this.core.start();
  }
  protected override enter(op: number, a: number, b: number, c: number, d: number): number { return this.core!.call(op, a, b, c, d); }
  protected override enterIrq(): number {
    this.core!.irq();
    return 0;
  }
  protected override shut(): void {
    this.core = null;
    this.device.freeDma();
  }

  // --- the core's port -----------------------------------------------------------------------------------------------------------------

  read32(offset: number): number { return this.device.read32(offset); }
  write32(offset: number, value: number): void {
    this.front.registerWritten(offset, value);
    this.device.write32(offset, value);
  }
  allocDma(order: number): number { return this.device.allocDma(order); }
  freeDma(addr: number): void { this.device.freeDmaBlock(addr); }
  log(text: string): void { this.device.log(text); }
  event(kind: number, a: number, b: number, c: number, d: number): void { this.pushEvent(kind, a, b, c, d); }
}
