// One port of the virtio console as the kernel sees it: a byte channel with one buffer a direction, both in memory that the device reaches. A receive buffer
// goes to the device when somebody first wants to read, and again only when it has been read empty, so a guest that does not read leaves the host's input
// alone; output that the host does not take keeps the transmit buffer busy. When the core fails, what had come is kept, and what had not left is sent by
// the next one.
import { EAGAIN, EIO, EPIPE, type Errno } from '../abi/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../abi/poll.ts';
import { WaitQueue } from '../kernel/sched/wait-queue.ts';
import type { IoBuffer } from '../kernel/vfs/io-buffer.ts';
import { consoleRxQueue } from '../machine/registers.ts';
import { CONSOLE_BUFFER, CONSOLE_CLOSE, CONSOLE_IN, CONSOLE_OPEN, CONSOLE_OUT, CONSOLE_RECEIVE, CONSOLE_TRANSMIT } from './core/virtio-console.ts';
import { type CoreLink, NO_CORE } from './placement/link.ts';
import type { QueueShadow } from './placement/queue-shadow.ts';

/** Which ways bytes go: a standard stream needs one, a terminal both. */
export type Use = 'read' | 'write' | 'both';
const DIRECTIONS: Readonly<Record<Use, number>> = { read: CONSOLE_IN, write: CONSOLE_OUT, both: CONSOLE_IN | CONSOLE_OUT };

const NOTHING = new Uint8Array(0);

/** Somebody who wants events instead of asking: a tty. */
export abstract class PortClient {
  /** Bytes have come (`peek`), or the host has hung up. */
  abstract input(): void;
  /** Output is possible again. */
  abstract output(): void;
}

export class VirtioPort {
  readonly id: number;
  /** False once the host has ended the stream (PORT_OPEN 0). */
  hostOpen = true;
  /** The guest holds it open. */
  guestOpen = false;
  /** The core that runs now knows it. */
  isThere = true;
  client: PortClient | null = null;
  readonly waiters = new WaitQueue();
  private readonly link: CoreLink;
  private use: Use | null = null;
  /** DMA addresses of the buffers; -1: none. */
  private input = -1;
  private output = -1;
  /** Bytes in the receive buffer that were not read yet: [at, end). */
  private at = 0;
  private end = 0;
  private isReceiving = false;
  /** Somebody has asked for input. */
  private isWanted = false;
  private isTransmitting = false;
  /** `put` took less than it was given. */
  private isRefused = false;
  /** Of a core that is gone: input that was not read, output that had not left. */
  private kept = NOTHING;
  private unsent = NOTHING;
  /** Output was lost on the way: the next write hears of it. */
  private isTorn = false;
  /** The transmission under way: its length, and how often the device had been told of the queue before. */
  private sending = 0;
  private notified = 0;

  private readonly shadow: QueueShadow;

  constructor(id: number, link: CoreLink, shadow: QueueShadow) {
    this.id = id;
    this.link = link;
    this.shadow = shadow;
  }

  /** The guest opens it: ENOMEM if there is no memory for its buffers, even after reclaim. Without a core it is opened when there is one. */
  open(use: Use): 0 | Errno {
    this.use = use;
    this.isWanted = use === 'both';
    this.guestOpen = true;
    const r = this.connect();
    if (r !== 0) this.guestOpen = false;
    return r;
  }

  private connect(): 0 | Errno {
    const { link } = this;
    const r = link.call(CONSOLE_OPEN, this.id, DIRECTIONS[this.use!], 0, 0);
    if (r === NO_CORE) return 0;
    if (r !== 0) return r < 0 ? r as Errno : EIO;
    this.input = this.checked(link.args[0]!);
    this.output = this.checked(link.args[1]!);
    this.post();
    return 0;
  }

  /** A buffer is where the core says, if that can be. */
  private checked(addr: number): number { return addr > 0 && addr % 4 === 0 && addr + CONSOLE_BUFFER <= this.link.memory.size ? addr : -1; }

  /** The guest is done with it. What is still on its way out gets there; then the device removes the port. */
  close(): void {
    this.guestOpen = false;
    this.link.call(CONSOLE_CLOSE, this.id, 0, 0, 0);
  }

  // --- input ---------------------------------------------------------------------------------------------------------------------------

  /** To be called before one looks for input. A terminal's is wanted from the start: it has signals in it. */
  want(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    this.post();
  }

  /** Bytes that can be read at once. */
  get available(): number { return this.kept.length + this.end - this.at; }

  /** The bytes that have come; `consume` says how many of them are done with. */
  peek(): Uint8Array { return this.kept.length > 0 ? this.kept : this.link.memory.u8.subarray(this.input + this.at, this.input + this.end); }

  consume(n: number): void {
    if (this.kept.length > 0) this.kept = this.kept.subarray(n);
    else this.at += n;
    if (this.available === 0) this.post();
  }

  /** A read(2): bytes, 0 at the end, EAGAIN. */
  read(io: IoBuffer): number | Errno {
    if (io.remaining === 0) return 0;
    this.want();
    if (this.available === 0) return this.hostOpen ? EAGAIN : 0;
    const n = this.kept.length > 0 ? io.put(this.kept, 0, Math.min(this.kept.length, io.remaining))
      : io.put(this.link.memory.u8, this.input + this.at, Math.min(this.end - this.at, io.remaining));
    if (n > 0) this.consume(n);
    return n;
  }

  /** Gives the receive buffer to the device, which may fill it at once. */
  private post(): void {
    if (this.isReceiving || !this.isWanted || !this.hostOpen || !this.guestOpen || this.input < 0 || this.available > 0) return;
    this.at = this.end = 0;
    this.isReceiving = true;
    const r = this.link.call(CONSOLE_RECEIVE, this.id, 0, 0, 0);
    if (r !== 0 && r !== NO_CORE) this.isReceiving = false;
  }

  /** CONSOLE_RECEIVED. */
  received(length: number): void {
    if (!this.isReceiving) return;
    this.isReceiving = false;
    this.at = 0;
    this.end = Math.min(length >= 0 ? length : 0, CONSOLE_BUFFER);
    if (this.end === 0) return this.post();
    this.client?.input();
    this.waiters.wake(POLLIN | POLLRDNORM);
  }

  // --- output --------------------------------------------------------------------------------------------------------------------------

  /** A write(2) can take bytes now. */
  get canWrite(): boolean { return !this.isTransmitting && this.output >= 0; }

  /** Bytes taken, EAGAIN, or EPIPE when nobody at the host reads any more. */
  write(io: IoBuffer): number | Errno {
    let done = 0;
    while (io.remaining > 0) {
      if (!this.hostOpen) return done > 0 ? done : EPIPE;
      if (this.isTorn && done === 0) {
        this.isTorn = false;
        return EIO;
      }
      if (!this.canWrite) return done > 0 ? done : EAGAIN;
      const n = io.take(this.link.memory.u8, this.output, Math.min(CONSOLE_BUFFER, io.remaining));
      if (n <= 0) return done > 0 ? done : n === 0 ? EIO : n;
      this.transmit(n);
      done += n;
    }
    return done;
  }

  /** Kernel bytes out (a tty's output): how many were taken. */
  put(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.canWrite) {
      const n = Math.min(CONSOLE_BUFFER, end - at);
      this.link.memory.u8.set(bytes.subarray(at, at + n), this.output);
      this.transmit(n);
      at += n;
    }
    if (at < end) this.isRefused = true;
    return at - start;
  }

  private transmit(length: number): void {
    this.isTransmitting = true;
    this.sending = length;
    this.notified = this.shadow.notified(consoleRxQueue(this.id) + 1);
    this.link.call(CONSOLE_TRANSMIT, this.id, length, 0, 0);
  }

  /** CONSOLE_TRANSMITTED. */
  transmitted(): void {
    if (!this.isTransmitting) return;
    this.isTransmitting = false;
    this.tellClient();
    this.waiters.wake(POLLOUT | POLLWRNORM);
  }

  // --- events --------------------------------------------------------------------------------------------------------------------------

  /** PORT_OPEN of the host. */
  setHostOpen(open: boolean): void {
    if (this.hostOpen === open) return;
    this.hostOpen = open;
    this.client?.input();
    this.waiters.wake(POLLIN | POLLRDNORM | POLLHUP | POLLERR);
    if (open) this.post();
  }

  /** The device has taken it away. */
  removed(): void {
    this.hostOpen = this.guestOpen = this.isThere = false;
    this.input = this.output = -1;
    this.at = this.end = 0;
    this.waiters.wake(POLLHUP | POLLERR);
  }

  // --- the core fails, and another one comes -------------------------------------------------------------------------------------------

  /** The memory is there for the last time: what has come is kept, and what has not left. */
  coreEnds(): void {
    const { link: { memory }, shadow } = this;
    const rx = consoleRxQueue(this.id);
    if (this.isReceiving) this.end = Math.min(Math.max(0, shadow.untold(rx, memory)), CONSOLE_BUFFER);
    if (this.end > this.at) this.kept = memory.u8.slice(this.input + this.at, this.input + this.end);
    // Sent and not told of: fine. Never told to the device: once more. Anything between is lost in part, nobody knows which.
    if (this.isTransmitting && shadow.untold(rx + 1, memory) < 0) {
      if (shadow.notified(rx + 1) === this.notified) this.unsent = memory.u8.slice(this.output, this.output + this.sending);
      else this.isTorn = true;
    }
    this.at = this.end = 0;
    this.input = this.output = -1;
    this.isReceiving = this.isTransmitting = this.isThere = false;
  }

  /** The core that runs now has found it. A port that the guest has closed is closed once more: the device has forgotten. */
  found(): void {
    this.isThere = true;
    if (this.use === null) return;
    if (this.connect() !== 0) return;
    const { unsent } = this;
    // Not if this core has failed while it opened the port: then it is for the next.
    if (unsent.length > 0 && this.canWrite) {
      this.unsent = NOTHING;
      this.put(unsent, 0, unsent.length);
    }
    if (!this.guestOpen) return this.close();
    this.tellClient();
    this.waiters.wake(POLLOUT | POLLWRNORM);
  }

  /** Only who was refused is told: `put` may be under way, and what it has taken is not off the client's list yet. */
  private tellClient(): void {
    if (!this.isRefused) return;
    this.isRefused = false;
    this.client?.output();
  }
}
