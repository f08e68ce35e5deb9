// The core of the thermometer's driver: registers, the ring of measurements, the interrupt. It knows nothing of the kernel.
import { ENOMEM, type Errno } from '../../src/abi/errno.ts';
import { DriverCore } from '../../src/drivers/core/core.ts';

/** Registers: what the "data sheet" says. Samples go by DMA into a ring of 1024 words that the driver provides. */
const CONTROL = 0x0, RING = 0x4, PRODUCED = 0x8, ACKNOWLEDGE = 0xc;
const RING_ENTRIES = 1024;

/** Operation: the next measurement in `args[0]`; its answer is how many there were. */
export const TAKE = 0;
/** Event: there are measurements. */
export const MEASURED = 0;

export class ThermometerCore extends DriverCore {
  private ring = 0;
  /** Measurements that were read; the device counts those it made. Both only grow. */
  private taken = 0;

  override start(): 0 | Errno {
    const { port } = this;
    this.ring = port.allocDma(0);
    if (this.ring < 0) return ENOMEM;
    this.taken = port.read32(PRODUCED);
    port.write32(RING, this.ring);
    port.write32(CONTROL, 1);
    return 0;
  }

  override call(_op: typeof TAKE): number {
    const { memory, args } = this.port;
    const { available } = this;
    if (available === 0) return 0;
    args[0] = memory.i32[(this.ring >>> 2) + this.taken % RING_ENTRIES]!;
    this.taken = (this.taken + 1) >>> 0;
    return available;
  }

  override irq(): void {
    this.port.write32(ACKNOWLEDGE, 1);
    this.port.event(MEASURED, this.available, 0, 0, 0);
  }

  override stop(): void { this.port.write32(CONTROL, 0); }

  /** The device is not trusted: a count that runs backwards or ahead of the ring means what the ring can hold. */
  private get available(): number {
    const ahead = (this.port.read32(PRODUCED) - this.taken) >>> 0;
    return ahead > RING_ENTRIES ? RING_ENTRIES : ahead;
  }
}
