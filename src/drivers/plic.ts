// Driver of the platform-level interrupt controller (RISC-V PLIC specification): claims by MMIO, serves, completes, until nothing is pending.
import type { Errno } from '../abi/errno.ts';
import { Driver, IrqController, type IrqHandler, type PlatformDevice } from '../kernel/device/platform.ts';
import { PLIC_CLAIM, PLIC_CONTEXT, PLIC_ENABLE, PLIC_PRIORITY, PLIC_THRESHOLD } from '../machine/registers.ts';

/** Interrupts of one dispatch that are no work any more. */
const STORM = 10_000;

export class PlicDriver extends Driver {
  override readonly name = 'riscv-plic';
  override readonly compatible = ['sifive,plic-1.0.0', 'riscv,plic0'];
  override probe(device: PlatformDevice): 0 | Errno {
    device.write32(PLIC_CONTEXT + PLIC_THRESHOLD, 0);
    device.manager.addController(device, new Plic(device));
    return 0;
  }
}

class Plic extends IrqController {
  private readonly device: PlatformDevice;
  private readonly handlers = new Map<number, IrqHandler>();
  /** Interrupts that nobody served. */
  spurious = 0;

  constructor(device: PlatformDevice) {
    super();
    this.device = device;
  }

  override connect(source: number, handler: IrqHandler): void {
    this.handlers.set(source, handler);
    const d = this.device;
    const word = PLIC_ENABLE + 4 * (source >>> 5);
    d.write32(PLIC_PRIORITY + 4 * source, 1);
    d.write32(word, d.read32(word) | (1 << (source & 31)));
  }

  override disconnect(source: number): void {
    this.handlers.delete(source);
    const word = PLIC_ENABLE + 4 * (source >>> 5);
    this.device.write32(word, this.device.read32(word) & ~(1 << (source & 31)));
  }

  override dispatch(): void {
    const d = this.device;
    let served = 0;
    for (let source = d.read32(PLIC_CONTEXT + PLIC_CLAIM); source !== 0; source = d.read32(PLIC_CONTEXT + PLIC_CLAIM)) {
      const handler = this.handlers.get(source);
      if (handler === undefined) this.spurious++;
      else handler.irq();
      if (++served > STORM) this.nobodyCared(source);
      d.write32(PLIC_CONTEXT + PLIC_CLAIM, source);
    }
  }

  /** A level that stays would keep the kernel here for ever. */
  private nobodyCared(source: number): void {
    const handler = this.handlers.get(source);
    this.disconnect(source);
    this.device.log(`irq ${source}: nobody cared`);
    handler?.stuck();
  }
}
