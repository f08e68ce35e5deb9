// One port of the virtio console, driver's side: a byte channel with one buffer a direction. A receive buffer goes back to the device only when it has
// been read empty, so a guest that does not read makes the host wait; output that the host does not take keeps the transmit buffer busy.
import { EAGAIN, EIO, ENOMEM, EPIPE, type Errno } from '../../abi/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { KIND_KERNEL } from '../../kernel/mm/frame-kinds.ts';
import type { Frames } from '../../kernel/mm/frames.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { VirtQueue } from '../core/virtqueue.ts';

/** A buffer: 16 KiB. */
const ORDER = 2;
const BUFFER = 16384;

/** Which ways bytes go: a standard stream needs one, a terminal both. */
export type Use = 'read' | 'write' | 'both';

/** Somebody who wants events instead of asking: a tty. */
export abstract class PortClient {
  /** Bytes have come (`peek`), or the host has hung up. */
  abstract input(): void;
  /** Output is possible again. */
  abstract output(): void;
}

export class VirtioPort {
  readonly id: number;
  name = '';
  /** False once the host has ended the stream (PORT_OPEN 0). */
  hostOpen = true;
  /** The guest holds it open. */
  guestOpen = false;
  client: PortClient | null = null;
  readonly waiters = new WaitQueue();
  private readonly frames: Frames;
  private readonly u8: Uint8Array;
  private readonly rx: VirtQueue;
  private readonly tx: VirtQueue;
  /** First frames of the buffers, made when the port is opened; -1: none. An output stream never gives the device a receive buffer. */
  private inputPfn = -1;
  private outputPfn = -1;
  /** Bytes in the receive buffer that were not read yet: [#at, #end). */
  private at = 0;
  private end = 0;
  private posted = false;
  private txBusy = false;

  constructor(id: number, frames: Frames, rx: VirtQueue, tx: VirtQueue) {
    this.id = id;
    this.frames = frames;
    this.u8 = frames.ram.u8;
    this.rx = rx;
    this.tx = tx;
  }

  /** The guest opens it: ENOMEM if there is no memory for its buffers, even after reclaim. */
  open(use: Use): 0 | Errno {
    if (use !== 'write' && this.inputPfn < 0 && (this.inputPfn = this.allocBuffer()) < 0) return ENOMEM;
    if (use !== 'read' && this.outputPfn < 0 && (this.outputPfn = this.allocBuffer()) < 0) return ENOMEM;
    this.guestOpen = true;
    return 0;
  }

  private allocBuffer(): number {
    for (let tries = 0; tries < 4; tries++) {
      const pfn = this.frames.allocBlock(KIND_KERNEL, ORDER);
      if (pfn >= 0) return pfn;
      this.frames.reclaimer.direct(256);
    }
    return -1;
  }

  // --- input ---------------------------------------------------------------------------------------------------------------------------

  /** Bytes that can be read at once. */
  get available(): number { return this.end - this.at; }

  /** The bytes that have come; `consume` says how many of them are done with. */
  peek(): Uint8Array {
    const base = this.inputPfn * PAGE_SIZE;
    return this.u8.subarray(base + this.at, base + this.end);
  }

  consume(n: number): void {
    this.at += n;
    if (this.at === this.end) this.post();
  }

  /** A read(2): bytes, 0 at the end, EAGAIN. */
  read(io: IoBuffer): number | Errno {
    if (io.remaining === 0) return 0;
    if (this.available === 0) return this.hostOpen ? EAGAIN : 0;
    const n = io.put(this.u8, this.inputPfn * PAGE_SIZE + this.at, Math.min(this.available, io.remaining));
    if (n > 0) this.consume(n);
    return n;
  }

  /** Gives the receive buffer to the device, which may fill it at once. */
  post(): void {
    if (this.posted || !this.hostOpen || !this.guestOpen || this.inputPfn < 0) return;
    this.at = this.end = 0;
    this.posted = true;
    this.rx.add(this.inputPfn * PAGE_SIZE, BUFFER, 'in');
    this.rx.submit(0);
    this.rx.notify();
    this.reapInput();
  }

  private reapInput(): boolean {
    if (this.rx.poll() < 0) return false;
    this.posted = false;
    this.at = 0;
    this.end = this.rx.usedLength;
    if (this.end === 0) this.post();
    return true;
  }

  // --- output --------------------------------------------------------------------------------------------------------------------------

  /** A write(2) can take bytes now. */
  get canWrite(): boolean {
    this.reapOutput();
    return !this.txBusy;
  }

  /** Bytes taken, EAGAIN, or EPIPE when nobody at the host reads any more. */
  write(io: IoBuffer): number | Errno {
    let done = 0;
    const base = this.outputPfn * PAGE_SIZE;
    while (io.remaining > 0) {
      if (!this.hostOpen) return done > 0 ? done : EPIPE;
      if (!this.canWrite) return done > 0 ? done : EAGAIN;
      const n = io.take(this.u8, base, Math.min(BUFFER, io.remaining));
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
      const n = Math.min(BUFFER, end - at);
      this.u8.set(bytes.subarray(at, at + n), this.outputPfn * PAGE_SIZE);
      this.transmit(n);
      at += n;
    }
    return at - start;
  }

  private transmit(length: number): void {
    this.txBusy = true;
    this.tx.add(this.outputPfn * PAGE_SIZE, length, 'out');
    this.tx.submit(0);
    this.tx.notify();
    this.reapOutput();
  }

  private reapOutput(): boolean {
    if (!this.txBusy || this.tx.poll() < 0) return false;
    this.txBusy = false;
    return true;
  }

  // --- events --------------------------------------------------------------------------------------------------------------------------

  /** The device raised its interrupt: look at both queues. */
  used(): void {
    const input = this.reapInput();
    const output = this.reapOutput();
    if (input) this.client?.input();
    if (output) this.client?.output();
    if (input || output) this.waiters.wake((input ? POLLIN | POLLRDNORM : 0) | (output ? POLLOUT | POLLWRNORM : 0));
  }

  /** PORT_OPEN of the host. */
  setHostOpen(open: boolean): void {
    this.reapInput();
    if (this.hostOpen === open) return;
    this.hostOpen = open;
    this.client?.input();
    this.waiters.wake(POLLIN | POLLRDNORM | POLLHUP | POLLERR);
    if (open) this.post();
  }

  /** The port is gone: its memory goes too. */
  free(): void {
    this.hostOpen = this.guestOpen = false;
    this.reapInput();
    this.reapOutput();
    this.waiters.wake(POLLHUP | POLLERR);
    this.freeBuffer(this.inputPfn);
    this.freeBuffer(this.outputPfn);
    this.inputPfn = this.outputPfn = -1;
  }

  private freeBuffer(pfn: number): void {
    if (pfn < 0) return;
    for (let i = 0; i < 1 << ORDER; i++) this.frames.put(pfn + i);
  }
}
