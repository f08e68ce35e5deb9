// Core of the virtio file system device (virtio 1.2, 5.11): carries FUSE messages. Each request that is out has a slot: DMA memory for the request and for
// the head of its reply, which the front fills and reads; file pages lie where the front says.
import { EAGAIN, EIO, ENOMEM, type Errno, isErr } from '../../abi/errno.ts';
import { FS_QUEUE_HIPRIO, FS_QUEUE_REQUEST, FS_TAG_BYTES } from '../../machine/registers.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** tag(): what the device shows, a byte a word of `args`. */
export const FS_TAG = 0;
/** slot(index): the DMA address of its memory, FS_HALF bytes for the request and as many for the reply; ENOMEM. */
export const FS_SLOT = 1;
/**
 * submit(slot, request bytes, reply bytes, data direction): data parts in `args`: their number, then address and length of each. FS_OUT puts them behind the
 * request, FS_IN behind the reply. EAGAIN: no room; FS_DONE comes later.
 */
export const FS_SUBMIT = 2;
export const FS_OUT = 0, FS_IN = 1;
/** Event (slot, length): that many bytes of reply and data have been written. */
export const FS_DONE = 0;
/** Requests that can be out, bytes of a request, and of a reply without its data. */
export const FS_SLOTS = 16;
export const FS_HALF = 8192;

const SLOT_ORDER = 2;
const QUEUE_SIZE = 256;

export class VirtioFsCore extends VirtioCore {
  private queue: VirtQueue | null = null;
  private readonly slots = new Float64Array(FS_SLOTS);

  override start(): 0 | Errno {
    const { virtio } = this;
    const r = virtio.start(0);
    if (r !== 0) return r;
    const hiprio = virtio.queue(FS_QUEUE_HIPRIO, QUEUE_SIZE);
    if (isErr(hiprio)) return virtio.give(hiprio);
    const requests = virtio.queue(FS_QUEUE_REQUEST, QUEUE_SIZE);
    if (isErr(requests)) return virtio.give(requests);
    this.queue = requests;
    virtio.ready();
    return 0;
  }

  override call(op: typeof FS_TAG | typeof FS_SLOT | typeof FS_SUBMIT, slot: number, length: number, reply: number, direction: number): number {
    switch (op) {
      case FS_TAG: return this.tag();
      case FS_SLOT: return this.slot(slot);
      case FS_SUBMIT: return this.submit(slot, length, reply, direction);
    }
  }

  protected override used(): void { this.reap(); }

  private tag(): number {
    const bytes = this.virtio.configBytes(0, FS_TAG_BYTES);
    for (let i = 0; i < FS_TAG_BYTES; i++) this.port.args[i] = bytes[i]!;
    return FS_TAG_BYTES;
  }

  private slot(index: number): number {
    if (!(index >= 0 && index < FS_SLOTS)) return EIO;
    if (this.slots[index] === 0) {
      const at = this.port.allocDma(SLOT_ORDER);
      if (at < 0) return ENOMEM;
      this.slots[index] = at;
    }
    return this.slots[index]!;
  }

  private submit(slot: number, length: number, reply: number, direction: number): number {
    const queue = this.queue!;
    const { args } = this.port;
    const at = this.slots[slot]!, data = args[0]!;
    if (queue.freeCount < data + 2) return EAGAIN;
    queue.add(at, length, 'out');
    if (direction === FS_OUT) this.addData(data, 'out');
    if (reply > 0) queue.add(at + FS_HALF, reply, 'in');
    if (direction === FS_IN) this.addData(data, 'in');
    queue.submit(slot);
    queue.interrupts('off');
    queue.notify();
    this.reap();
    queue.interrupts('on');
    this.reap();
    return 0;
  }

  private addData(count: number, direction: 'in' | 'out'): void {
    const { args } = this.port;
    for (let i = 0; i < count; i++) this.queue!.add(args[1 + 2 * i]!, args[2 + 2 * i]!, direction);
  }

  private reap(): void {
    const queue = this.queue!;
    for (let slot = queue.poll(); slot >= 0; slot = queue.poll()) this.port.event(FS_DONE, slot, queue.usedLength, 0, 0);
    if (queue.badUsed > 0) this.port.broken('the device used what it was not given');
  }
}
