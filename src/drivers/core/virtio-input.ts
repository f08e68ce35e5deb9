// Core of the virtio input device (virtio 1.2, 5.8): events out of a ring of buffers, LEDs into it, and what the device says of itself.
import { EAGAIN, ENOMEM, type Errno, isErr } from '../../abi/errno.ts';
import {
  INPUT_CFG_DATA, INPUT_CFG_SELECT, INPUT_EVENT_BYTES, INPUT_EVENTS, INPUT_STATUS, MMIO_CONFIG,
} from '../../machine/registers.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** config(select, subsel): bytes of a configuration item, one a word of `args`; their number. */
export const INPUT_CONFIG = 0;
/** send(type, code, value): an event for the device. EAGAIN: too many are out. */
export const INPUT_SEND = 1;
/** Event (type, code, value) of the device. */
export const INPUT_EVENT = 0;

const EVENT_BUFFERS = 64, STATUS_BUFFERS = 16;
const STATUS_AT = EVENT_BUFFERS * INPUT_EVENT_BYTES;
const MAX_ITEM = 128;

export class VirtioInputCore extends VirtioCore {
  private events: VirtQueue | null = null;
  private status: VirtQueue | null = null;
  private buffers = 0;
  private readonly freeStatus: number[] = Array.from({ length: STATUS_BUFFERS }, (_, i) => i);

  override start(): 0 | Errno {
    const { virtio, port } = this;
    const r = virtio.start(0);
    if (r !== 0) return r;
    const events = virtio.queue(INPUT_EVENTS, EVENT_BUFFERS);
    if (isErr(events)) return virtio.give(events);
    const status = virtio.queue(INPUT_STATUS, STATUS_BUFFERS);
    if (isErr(status)) return virtio.give(status);
    this.buffers = port.allocDma(0);
    if (this.buffers < 0) return virtio.give(ENOMEM);
    this.events = events;
    this.status = status;
    for (let i = 0; i < events.size; i++) this.offer(i);
    virtio.ready();
    events.notify();
    return 0;
  }

  override call(op: typeof INPUT_CONFIG | typeof INPUT_SEND, a: number, b: number, c: number): number {
    return op === INPUT_CONFIG ? this.config(a, b) : this.send(a, b, c);
  }

  protected override used(): void {
    const { port } = this, { u16, i32 } = port.memory;
    const events = this.events!, status = this.status!;
    let any = false;
    for (let i = events.poll(); i >= 0; i = events.poll()) {
      const at = this.buffers + i * INPUT_EVENT_BYTES;
      if (events.usedLength >= INPUT_EVENT_BYTES) port.event(INPUT_EVENT, u16[at >>> 1]!, u16[(at >>> 1) + 1]!, i32[(at >>> 2) + 1]!, 0);
      this.offer(i);
      any = true;
    }
    if (any) events.notify();
    for (let i = status.poll(); i >= 0; i = status.poll()) this.freeStatus.push(i);
    if (events.badUsed + status.badUsed > 0) port.broken('the device used what it was not given');
  }

  private offer(i: number): void {
    this.events!.add(this.buffers + i * INPUT_EVENT_BYTES, INPUT_EVENT_BYTES, 'in');
    this.events!.submit(i);
  }

  private send(type: number, code: number, value: number): number {
    const { u16, i32 } = this.port.memory;
    const status = this.status!;
    const i = status.freeCount > 0 ? this.freeStatus.pop() : undefined;
    if (i === undefined) return EAGAIN;
    const at = this.buffers + STATUS_AT + i * INPUT_EVENT_BYTES;
    u16[at >>> 1] = type;
    u16[(at >>> 1) + 1] = code;
    i32[(at >>> 2) + 1] = value;
    status.add(at, INPUT_EVENT_BYTES, 'out');
    status.submit(i);
    status.notify();
    this.used();
    return 0;
  }

  private config(select: number, subsel: number): number {
    const { port, virtio } = this;
    port.write32(MMIO_CONFIG + INPUT_CFG_SELECT, select | subsel << 8);
    const size = Math.min(virtio.config32(INPUT_CFG_SELECT) >>> 16 & 0xff, MAX_ITEM);
    const bytes = virtio.configBytes(INPUT_CFG_DATA, size);
    for (let i = 0; i < size; i++) port.args[i] = bytes[i]!;
    return size;
  }
}
