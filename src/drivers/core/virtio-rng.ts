// Core of the virtio entropy device (virtio 1.2, 5.4): one buffer, filled when asked.
import { type Errno, EIO, ENOMEM, isErr } from '../../abi/errno.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** fill(count): up to RNG_MAX bytes of entropy, now; their number, and in args[0] where they lie. EIO: the device does not answer at once. */
export const RNG_FILL = 0;
export const RNG_MAX = 4096;

export class VirtioRngCore extends VirtioCore {
  private queue: VirtQueue | null = null;
  private buffer = 0;
  private isOut = false;

  override start(): 0 | Errno {
    const { virtio } = this;
    const r = virtio.start(0);
    if (r !== 0) return r;
    const queue = virtio.queue(0, 8);
    if (isErr(queue)) return virtio.give(queue);
    this.buffer = this.port.allocDma(0);
    if (this.buffer < 0) return virtio.give(ENOMEM);
    this.queue = queue;
    queue.interrupts('off');
    virtio.ready();
    return 0;
  }

  override call(_op: typeof RNG_FILL, count: number): number {
    const queue = this.queue!;
    if (this.isOut || count > RNG_MAX) return EIO;
    queue.add(this.buffer, count, 'in');
    queue.submit(0);
    this.isOut = true;
    queue.notify();
    this.used();
    this.port.args[0] = this.buffer;
    return this.isOut ? EIO : queue.usedLength;
  }

  protected override used(): void {
    while (this.queue!.poll() >= 0) this.isOut = false;
  }
}
