// virtio entropy device (virtio 1.2, 5.4): fills what it is given with the host's random bytes.
import type { Entropy } from '../../host/host.ts';
import type { Ram } from '../machine.ts';
import { ID_ENTROPY } from '../registers.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

export class VirtioEntropy extends VirtioDevice {
  readonly #source: Entropy;
  readonly #chain = new Chain();

  constructor(ram: Ram, irq: IrqLine, source: Entropy) {
    super(ram, irq, { id: ID_ENTROPY, features: 0, queueSizes: [8], configBytes: 0 });
    this.#source = source;
  }

  protected override notified(index: number): void {
    const c = this.#chain;
    while (this.next(index, c)) {
      const bytes = new Uint8Array(Math.min(c.writeBytes, 65536));
      // eslint-disable-next-line unicorn/no-array-fill-with-reference-type -- Entropy.fill is no Array.fill.
      this.#source.fill(bytes);
      this.done(index, c, c.copyTo(this.ram, bytes));
    }
  }
}
